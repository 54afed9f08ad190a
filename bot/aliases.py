"""The names by which people know each other here: two gentle Indonesian words, unique in the store, never reused."""

from __future__ import annotations

from bot.ids import Ids
from bot.store.db import Tx
from bot.store.errors import StoreError


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Things to look at, and how they are. No word is a person's name (nor one that newspapers give to victims), a body, a
# faith, a wound, a rank, or gloomy.
NOUNS = _words(
    """
    Akar Alun Angin Arus Awan Bambu Benih Bukit Bumi Burung Camar Cemara Cendana Dahan Danau Daun Delima Dermaga
    Embun Gelombang Gerimis Gunung Hujan Hutan Jalak Jambu Janur Jejak Jembatan Jendela Kabut Kanal Kapal Kapas
    Karang Kebun Kelapa Kelinci Kenari Kerang Kerikil Kertas Kolam Kunang Ladang Lampion Langit Laut Layang Lebah
    Lembah Lentera Lereng Lesung Lilin Lontar Lumut Mangga Merpati Muara Musim Nada Nyiur Ombak Padang Padi
    Pandan Pantai Pasir Payung Pelangi Pena Perahu Pinus Pohon Puisi Pulau Rakit Ranting Rotan Rumput Rusa Samudra
    Sawah Sawo Selasih Selat Senja Serambi Siput Sungai Taman Tanjung Tebing Telaga Teluk Tenun Teratai
    Terumbu Tunas Ufuk Walet
    """
)
MANNERS = _words(
    """
    Asri Bening Berani Biru Cerah Cermat Damai Elok Gemilang Hangat Harum Hening Hijau Indah Jernih Jingga Kecil
    Kuning Lapang Lembut Lestari Lincah Luas Luhur Manis Megah Mekar Merah Muda Nila Nyaman Pagi Perak Permai
    Petang Putih Rajin Ramah Riang Rindang Rimbun Ringan Sabar Segar Sejuk Sentosa Sepoi Setia Siang Tabah Tangguh
    Teduh Tegar Tekun Tenang Tenteram Terang Tulus Ungu Utuh Zamrud
    """
)
PAIRS = 8
TRIPLES = 64

_TAKE = "INSERT INTO aliases (alias, person_id, created_at) VALUES (:alias, :person, :now) ON CONFLICT DO NOTHING"
_GIVEN = "SELECT 1 FROM aliases WHERE alias = :alias"


class OutOfAliases(StoreError):
    """No free alias was found: hundreds of thousands are given already."""


def choose(tx: Tx, ids: Ids) -> str:
    """An alias that nobody has, or has ever had: two words, three once most pairs are given. Raises OutOfAliases."""
    for attempt in range(PAIRS + TRIPLES):
        parts = [ids.pick(NOUNS), ids.pick(MANNERS)]
        if attempt >= PAIRS:
            parts.append(ids.pick(MANNERS))
        alias = " ".join(parts)
        if len(set(parts)) == len(parts) and tx.one(_GIVEN, alias=alias) is None:
            return alias
    raise OutOfAliases("no free alias was found")


def keep(tx: Tx, alias: str, person: int, now: int) -> bool:
    """Write down, for ever, that the alias is given. False where somebody was quicker."""
    return tx.run(_TAKE, alias=alias, person=person, now=now) == 1
