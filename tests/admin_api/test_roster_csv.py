"""The roster file: all of it or nothing, each bad row by its line and reason."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bot import roster_csv
from bot.roster_fields import COLUMNS
from tests.admin_api.desk import Desk, fields, problem

HEADER = ",".join(COLUMNS)
GOOD = f"""{HEADER}
supporter,Ani Contoh,id|en,P,FIB,kuliah|keluarga,2,700,,ani@contoh.example,2027-06-30
counselor,"Sri, Contoh",id,,,kekerasan,,,6281200000000,,
coordinator,Budi Contoh,,,,,,,,,
"""


async def send(desk: Desk, text: str | bytes, query: str = "", kind: str = "text/csv") -> httpx.Response:
    content = text if isinstance(text, bytes) else text.encode()
    return await desk.ask("POST", f"/roster{query}", content=content, headers={"Content-Type": kind})


async def done(desk: Desk, text: str, query: str = "") -> tuple[int, int, int, list[int]]:
    answer = await send(desk, text, query)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    return shown["added"], shown["changed"], shown["unchanged"], [row["line"] for row in shown["refused"]]


async def everybody(desk: Desk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in ("supporters", "counselors", "coordinators"):
        found += (await desk.get(f"/{path}"))["items"]
    return found


async def test_a_file_is_imported_and_exported_again(desk: Desk) -> None:
    assert await done(desk, GOOD) == (3, 0, 0, [])
    ani, sri, budi = await everybody(desk)
    assert (ani["name"], ani["language"], ani["gender"], ani["topics"]) == (
        "Ani Contoh", "id|en", "female", ["kuliah", "keluarga"],
    )  # fmt: skip
    assert (ani["capacity"], ani["telegram"], ani["certified_until"]) == (2, "700", "2027-06-30")
    assert (sri["name"], sri["whatsapp"], sri["capacity"]) == ("Sri, Contoh", "6281200000000", 3)
    assert (budi["role"], budi["language"]) == ("coordinator", "id")
    exported = await desk.ask("GET", "/roster")
    assert exported.headers["content-type"] == "text/csv; charset=utf-8"
    assert exported.text.splitlines() == [
        HEADER,
        "supporter,Ani Contoh,id|en,female,FIB,kuliah|keluarga,2,700,,ani@contoh.example,2027-06-30",
        'counselor,"Sri, Contoh",id,,,kekerasan,3,,6281200000000,,',
        "coordinator,Budi Contoh,id,,,,3,,,,",
    ]
    assert await done(desk, exported.text) == (0, 0, 3, [])


async def test_importing_twice_changes_nothing(desk: Desk) -> None:
    await done(desk, GOOD)
    assert await done(desk, GOOD) == (0, 0, 3, [])
    assert len(await everybody(desk)) == 3


async def test_a_row_changes_who_is_there_and_empty_cells_take_nothing_away(desk: Desk) -> None:
    await done(desk, GOOD)
    assert await done(desk, "role,name,telegram,site,email\nsupporter,Ani Baru,700,FT,\n") == (0, 1, 0, [])
    ani = (await everybody(desk))[0]
    assert (ani["name"], ani["site"], ani["email"], ani["capacity"]) == ("Ani Baru", "FT", "ani@contoh.example", 2)


async def test_who_was_removed_comes_back_by_a_file(desk: Desk) -> None:
    await done(desk, GOOD)
    ani = (await everybody(desk))[0]
    await desk.ask("DELETE", f"/supporters/{ani['id']}")
    assert len((await desk.ask("GET", "/roster")).text.splitlines()) == 3
    assert await done(desk, GOOD) == (1, 0, 2, [])
    assert (await desk.get(f"/supporters/{ani['id']}"))["status"] == "active"


BAD = f"""{HEADER}
supporter,Ani Contoh,,,,,,700,,,
guru,Sri,,,,,,,,,
supporter,,,,,,banyak,,,,
supporter,Cici,,,,,,700,,,
supporter,Dedi,,,,,,,,,2027-13-01

supporter,Eka,,,,,,,,,,,,
"""


async def test_one_bad_row_refuses_the_whole_file(desk: Desk) -> None:
    answer = await send(desk, BAD)
    assert set(fields(answer)) == {
        "line 3: role", "line 4: name", "line 4: capacity", "line 5: telegram", "line 6: certified_until",
        "line 8: row",
    }  # fmt: skip
    assert fields(answer)["line 5: telegram"] == "stands in line 2 too"
    assert await everybody(desk) == []
    assert (await desk.get("/audit?action=roster.import"))["items"] == []


async def test_a_partial_import_takes_the_good_rows(desk: Desk) -> None:
    assert await done(desk, BAD, "?partial=true") == (1, 0, 0, [3, 4, 5, 6, 8])
    assert [one["name"] for one in await everybody(desk)] == ["Ani Contoh"]


async def test_a_conflict_in_the_last_row_takes_the_first_back(desk: Desk) -> None:
    await desk.staff("counselor", telegram="700")
    answer = await send(desk, "role,name,telegram\nsupporter,Ani,800\nsupporter,Budi,700\n")
    assert set(fields(answer)) == {"line 3: role"}
    assert len(await everybody(desk)) == 1


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "role"), ("name\nAni\n", "role"), ("role\nsupporter\n", "name"), ("role,name,phone\n", "the header"),
        ("role,name,name\n", "the header"), (b"role,name\nsupporter,\xff\n", "the file"),
        ('role,"name\n', "the header"),
    ],
)  # fmt: skip
async def test_a_header_that_cannot_be_understood(desk: Desk, text: str | bytes, field: str) -> None:
    assert set(fields(await send(desk, text, "?partial=true"))) == {f"line 1: {field}"}


async def test_lines_are_counted_through_quoted_breaks(desk: Desk) -> None:
    answer = await send(desk, 'role,name,site\nsupporter,Ani,"a\nb"\nguru,Sri,\n')
    assert set(fields(answer)) == {"line 4: role"}


async def test_how_spreadsheets_save_it(desk: Desk) -> None:
    assert await done(desk, "\ufeffRole;Name;Topics\r\nsupporter;Ani;kuliah|tugas\r\n") == (1, 0, 0, [])


async def test_only_csv_and_only_coordinators(desk: Desk) -> None:
    problem(await send(desk, GOOD, kind="application/json"), 415)
    problem(await desk.ask("GET", "/roster", role="counselor"), 403)
    problem(await desk.ask("POST", "/roster", role="read-only"), 403)


async def test_the_refusal_is_one_sentence_for_the_command_line(desk: Desk) -> None:
    with pytest.raises(roster_csv.RosterRefused, match=r"^line 3: role must be one of .* \(and 4 more\)$"):
        await desk.do(lambda tx: roster_csv.load(tx, desk.acting(), BAD))
