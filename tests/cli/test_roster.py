"""`sebaya roster`."""

from __future__ import annotations

import stat

import pytest

from tests.cli.conftest import House

HEADER = "role,name,language,gender,site,topics,capacity,telegram,whatsapp,email,certified_until\n"
GOOD = "supporter,Sari,id|en,P,UI,kuliah|keluarga,3,701,,sari@example.org,2030-06-30\n"
BAD = "boss,Budi,id,,,,3,,,,\n"


def file(house: House, *lines: str) -> str:
    path = house.folder / "people.csv"
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return str(path)


def people(house: House) -> int:
    return int(house.read(lambda tx: tx.value("SELECT count(*) FROM staff")))


def test_a_good_file_is_imported(house: House) -> None:
    done = house.do("roster", "import", file(house, GOOD))
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("1 added")
    assert people(house) == 1


def test_a_bad_row_is_refused_with_its_line_and_nothing_is_imported(house: House) -> None:
    done = house.do("roster", "import", file(house, GOOD, BAD))
    assert done.status == 1
    assert "line 3: role must be one of supporter, counselor, coordinator" in done.err
    assert people(house) == 0


def test_every_bad_row_is_named(house: House) -> None:
    done = house.do("roster", "import", file(house, BAD, GOOD, "supporter,,id,,,,,,,,\n"))
    assert "line 2: role" in done.err
    assert "line 4: name" in done.err


def test_partial_imports_the_good_rows(house: House) -> None:
    done = house.do("roster", "import", "--partial", file(house, BAD, GOOD))
    assert done.status == 0
    assert "line 2: role" in done.err
    assert done.out.startswith("1 added, 0 changed, 0 unchanged, 1 refused")
    assert people(house) == 1


def test_partial_fails_where_nothing_was_imported(house: House) -> None:
    done = house.do("roster", "import", "--partial", file(house, BAD))
    assert done.status == 1
    assert people(house) == 0


@pytest.mark.parametrize("header", ["role,nama\n", "name\n"])
def test_a_header_that_cannot_be_understood_is_line_1(house: House, header: str) -> None:
    path = house.folder / "people.csv"
    path.write_text(header)
    done = house.do("roster", "import", str(path))
    assert done.status == 1
    assert "line 1: " in done.err


def test_a_file_that_is_not_utf_8_is_refused(house: House) -> None:
    path = house.folder / "people.csv"
    path.write_bytes(HEADER.encode() + b"supporter,\xff\xfe,,,,,,,,,\n")
    done = house.do("roster", "import", str(path))
    assert done.status == 1
    assert "UTF-8" in done.err


def test_a_missing_file_is_unusable(house: House) -> None:
    assert house.do("roster", "import", "nowhere.csv").status == 2


def test_an_export_is_private_and_imports_again(house: House) -> None:
    house.do("roster", "import", file(house, GOOD))
    out = house.folder / "out.csv"
    assert house.do("roster", "export", str(out)).status == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    text = out.read_text(encoding="utf-8")
    assert text.splitlines()[0] + "\n" == HEADER
    assert "supporter,Sari,id|en,female,UI,kuliah|keluarga,3,701,,sari@example.org,2030-06-30" in text
    assert house.do("roster", "import", str(out)).out.startswith("0 added, 0 changed, 1 unchanged")


def test_an_export_writes_over_nothing_unless_told(house: House) -> None:
    out = house.folder / "out.csv"
    out.write_text("precious")
    assert house.do("roster", "export", str(out)).status == 1
    assert out.read_text() == "precious"
    assert house.do("roster", "export", str(out), "--force").status == 0
    assert out.read_text().startswith("role,name")


def test_an_export_to_stdout_is_the_file_alone(house: House) -> None:
    house.do("roster", "import", file(house, GOOD))
    assert house.do("roster", "export", "-").out.startswith("role,name,language")
