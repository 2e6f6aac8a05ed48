import json
import tomllib
from datetime import date

import pytest

from portal.departments import departments, policy_sites, policy_toml
from portal.hosts import site_hosts, site_labels, site_origins
from signet_agent.channel.document_messages import FormView
from signet_agent.daemon.policy.reading import parse_policy
from signet_agent.documents.previews.form import FormPreview
from tests.portal.forms.test_document import document
from tests.portal.visits import occasion

pytestmark = pytest.mark.quick

ORIGINS = site_origins("localhost", 8443)


def test_the_text_says_what_the_entries_say() -> None:
    assert tomllib.loads(policy_toml(ORIGINS)) == {"site": policy_sites(ORIGINS)}


def test_the_agent_takes_the_policy() -> None:
    policy = parse_policy("version = 1\n" + policy_toml(ORIGINS))

    assert [site.origin for site in policy.site] == [ORIGINS["guoshui"], ORIGINS["gongshang"]]
    assert [site.mark for site in policy.site] == ["税", "商"]
    assert [str(form.id) for site in policy.site for form in site.form] == ["gs1/1", "sg1/1"]
    assert policy.site[0].operations == ("login", "sign")


def test_departments_without_an_origin_or_a_form_are_left_out() -> None:
    origins = {"guoshui": "https://tax.example", "dishui": "https://local.example"}

    assert [site["origin"] for site in policy_sites(origins)] == ["https://tax.example"]


def test_quotes_and_backslashes_survive_the_text() -> None:
    origins = {"guoshui": 'https://a"b\\c'}

    assert tomllib.loads(policy_toml(origins))["site"][0]["origin"] == 'https://a"b\\c'


@pytest.mark.parametrize(("label", "form"), [("guoshui", "gs1"), ("gongshang", "sg1")])
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_the_window_names_every_member_as_the_page_does(
    label: str, form: str, language: str
) -> None:
    (site,) = policy_sites({label: ORIGINS[label]})
    (entry,) = site["form"]
    view = FormView(
        title=entry["title"][language],
        labels={member: text[language] for member, text in entry["labels"].items()},
        after=tuple(sentence[language] for sentence in entry["after"]),
        total=entry.get("total"),
    )
    octets = document(label, form)

    shown = FormPreview().show(octets, {entry["id"]: view})

    members = json.loads(octets).keys()
    definition = occasion(label, form, date(2026, 11, 12)).form
    assert not members & {row.label for row in shown.paper.rows} - set(view.labels.values())
    assert [row.label for row in shown.paper.rows if row.total] == (
        [view.labels["tax_due"]] if definition.total else []
    )
    assert not any("{" in sentence for sentence in shown.after)


def test_what_follows_from_the_return_names_the_sum_and_the_day() -> None:
    (site,) = policy_sites({"guoshui": ORIGINS["guoshui"]})
    (entry,) = site["form"]
    after = tuple(sentence["zh-Hans"] for sentence in entry["after"])

    shown = FormPreview().show(document(), {"gs1/1": FormView("", {}, after)})

    assert shown.after[1] == "本期应补税额 48,627.65 元，请于 2026-11-16 前缴清"


def test_hosts_are_the_city_and_the_open_departments() -> None:
    assert site_labels() == ("portal", "guoshui", "gongshang")
    assert site_hosts("city.example", 443) == {
        "portal.city.example": "portal",
        "guoshui.city.example": "guoshui",
        "gongshang.city.example": "gongshang",
    }
    assert ORIGINS["guoshui"] == "https://guoshui.localhost:8443"
    assert len(departments()) == 12
