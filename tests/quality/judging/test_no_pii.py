"""What tells of a person within free text, what only looks so, and texts that are hard to read."""

import time

import narwhals as nw
import pytest

from quality import CheckInvalid, Outcome, check
from quality.checks import bind
from quality.disclosure import ENTITIES
from quality.escaping import MASKED
from quality.frames import RECORD_NO

FOUND = {
    "email": ["a@b.org", "(Ann.Lee+x@mail.example.co.uk)", "mailto:a@b.org?x", "ä <a@b.org>;c"],
    "phone": ["+33142685300", "tel.:+1 650-253-0000!", "x +49 (30) 123456 y"],
    "iban": [
        "DE89370400440532013000",
        "x GB82 WEST 1234 5698 7654 32 SOON",
        "(DE89370400440532013000)",
    ],
    "credit_card": [
        "4111111111111111",
        "no. 5500-0000-0000-0004.",
        "3782 822463 10005 12/27",
        "4111 1111 1111 1111 4711",
    ],
    "ip": ["10.1.2.3", "from 2001:db8::8a2e:370:7334, twice", "[192.0.2.17]:80"],
    "national_id": ["536-90-4399", "ssn:536904399;", "was 54362315K then"],
}
NOT_FOUND = {
    "email": ["a@b", "@ann", "a @ b.org", "user@localhost", "a@b@", "5 @ 3.50"],
    "phone": [
        "2013-02-07 18:00:00",
        "1 234 567,89",
        "order 00012345678901234567",
        "01 42 68 53 00",
    ],
    "iban": [
        "DE89370400440532013001",
        "AB12 CDEF",
        "XX00000000000000000",
        "IN2013 WE ARE ALL HERE NOW",
    ],
    "credit_card": [
        "4111111111111112",
        "1111111111111117",
        "41111111111111110000000",
        "2013 2014 2015",
    ],
    "ip": ["1.2.3", "256.1.1.1", "1.2.3.4.5", "12:30:45", "std::vector", "a::b", "v1.2.3.4x"],
    "national_id": ["000-00-0000", "12", "abc", "2013", "5369043990"],
}


@pytest.mark.parametrize("entity", FOUND)
def test_what_tells_of_a_person_is_found_within_text(entity, judge):
    texts = FOUND[entity] + NOT_FOUND[entity]
    countries = ["US", "ES"] if entity == "national_id" else []

    evaluation = judge(
        {"t": texts}, [check("no_pii", column="t", entities=[entity], countries=countries)]
    )

    assert {texts[number - 1] for number in failed(evaluation)} == set(FOUND[entity])


def test_everything_that_can_be_found_is_tried():
    assert set(FOUND) == set(NOT_FOUND) == set(ENTITIES)


def test_a_pattern_of_ones_own_is_found_anywhere(judge):
    frame = {"t": ["patient 17", "Patient  4711 left", "be patient", None, "a|b"]}

    evaluation = judge(
        frame,
        [check("no_pii", column="t", entities=["ip"], patterns=["(?i)patient +[0-9]+", "^a|c$"])],
    )

    (result,) = evaluation.results
    assert (result.rows, failed(evaluation)) == (4, [1, 2, 5])


def test_numbers_are_read_as_text(judge):
    frame = {"t": [4111111111111111, 4111111111111112, None]}

    assert failed(judge(frame, [check("no_pii", column="t")])) == [1]


@pytest.mark.parametrize(
    "text",
    [
        "a" * 50_000,
        "a@" * 50_000,
        "4111 1111 1111 " + "a" * 100_000,
        "a." * 100_000 + "@",
        "1 " * 50_000,
        "4111 " * 15_000,
        "DE89 " * 15_000,
        "1:" * 50_000,
        "1." * 50_000,
        "-" * 50_000,
        "\0" * 1_000,
        "9" * 50_000,
    ],
    ids=lambda text: text[:5].encode().hex(),
)
def test_no_text_takes_long(text):
    countries = ["US"]
    verdicts = [each.finds(countries) for each in ENTITIES.values()]

    begun = time.process_time()
    found = [finds(text) for finds in verdicts]

    assert not any(found)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"entities": ["national_id"]}, "national_id differs from country to country"),
        ({"entities": ["national_id"], "countries": ["XX"]}, "no national_id of 'XX' is known"),
        ({"entities": ["phone"], "countries": ["fr"]}, "no phone of 'fr' is known"),
        ({"entities": []}, "'entities'"),
        ({"entities": ["names"]}, "'entities'"),
        ({"patterns": ["(a"]}, "'(a' is not a regular expression"),
    ],
)
def test_a_contract_is_told_what_cannot_be_looked_for(given, told):
    with pytest.raises(CheckInvalid) as refused:
        bind([("t", "varchar", [{"no_pii": given}])], [], lambda path: "contract.yaml:1")

    assert told in str(refused.value)


def test_what_is_found_is_not_shown(judge):
    (result,) = judge({"t": ["mail a@b.org", "x"]}, [check("no_pii", column="t")]).results

    assert result.examples == ({"record_no": 1, "value": MASKED},)
    assert "a@b.org" not in result.message


def test_an_empty_column_is_not_judged(judge):
    (result,) = judge({"t": [None, None]}, [check("no_pii", column="t")]).results

    assert result.outcome is Outcome.NOT_EVALUATED


def failed(evaluation):
    key = next(name for name in evaluation.failures.columns if name != RECORD_NO)
    failing = evaluation.failures.filter(nw.col(key)).select(RECORD_NO).collect("polars")
    return sorted(failing[RECORD_NO].to_list())
