"""The configuration: every key checked, an unknown one answered with the nearest known one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopstack.config import Config, load_config, parse_config, shop_address
from shopstack.config.reading import FORMS
from shopstack.config.sections import SECTIONS
from shopstack.errors import EXIT_USAGE, ConfigurationError, UsageError
from shopstack.scaffold import BLUEPRINT


def refused(text: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as found:
        parse_config(text)
    assert found.value.exit_code == EXIT_USAGE
    return found.value


def test_an_empty_file_is_every_default() -> None:
    assert parse_config("") == Config()


def test_the_blueprints_file_holds_the_defaults() -> None:
    assert parse_config((BLUEPRINT / "shopstack.toml").read_text()) == Config()


@pytest.mark.parametrize(
    ("text", "unknown", "nearest"),
    [
        ("[dashbord]\nport = 9000", "dashbord", "dashboard"),
        ("[dashboard]\nprot = 9000", "dashboard.prot", "dashboard.port"),
        ("[warehouse]\nmemory = '1GB'", "warehouse.memory", "warehouse.memory_limit"),
        ("[warehouse]\nacount = 'a-b'", "warehouse.acount", "warehouse.account"),
        ("[calendar]\nweekstart = 'monday'", "calendar.weekstart", "calendar.week_start"),
        ("[shop]\npersonal_data = true", "shop.personal_data", "privacy.personal_data"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_known_one(text: str, unknown: str, nearest: str) -> None:
    problem = refused(text)
    assert f"unknown key {unknown}" in problem.message
    assert f"did you mean {nearest}?" in problem.hint


def test_a_key_like_no_other_points_to_the_list_of_keys() -> None:
    assert "configuration.md" in refused("[zzzzzz]\nqqq = 1").hint


def test_every_mistake_is_told_at_once() -> None:
    problem = refused("[dashboard]\nport = 0\nprot = 1\n[calendar]\nweek_start = 'friday'")
    assert "3 errors" in problem.message
    assert all(key in problem.message for key in ("dashboard.port", "dashboard.prot", "calendar.week_start"))


def test_a_value_out_of_range_names_its_key_and_the_file() -> None:
    problem = refused("[calendar]\nfiscal_year_start_month = 13")
    assert "calendar.fiscal_year_start_month" in problem.message
    assert "shopstack.toml" in problem.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[extract]\nsweep = 'daily'", 'extract.sweep: it must be "weekly" or "never"'),
        ("[extract]\nattempts = 'six'", "extract.attempts: it must be a whole number"),
        ("[extract]\nattempts = 1.5", "extract.attempts: it must be a whole number"),
        ("[extract]\nattempts = 99", "extract.attempts: it must be at most 20"),
        ("[extract]\nstart = '01.02.2026'", 'extract.start: it must be written as "2026-01-31"'),
        ("[storage]\nlanding_days = -1", "storage.landing_days: it must be at least 0"),
        (
            "[privacy]\npersonal_data = 'nope'",
            "privacy.personal_data: it must be true or false, without quotes",
        ),
        ("privacy = 'none'", "privacy: it must be a table: [privacy], and its keys below"),
        ("shop = 'my-shop'", "shop: it must be a table: [shop], and below it address = "),
        ("[shop]\naddress = 'my shop'", "'my shop' is not a shop's permanent address"),
    ],
)
def test_what_a_value_must_be_is_said_in_the_words_of_the_file(text: str, said: str) -> None:
    assert said in refused(text).message


def test_every_value_that_has_a_form_is_shown_with_it() -> None:
    formed = {
        f"{section}.{key}"
        for section, model in SECTIONS.items()
        for key, field in model.model_fields.items()
        if any(getattr(one, "pattern", None) for one in field.metadata)
    }
    assert formed == set(FORMS)


@pytest.mark.parametrize("key", ["access_token", "client_secret", "password"])
def test_a_credential_in_the_file_is_sent_to_the_place_for_credentials(key: str) -> None:
    problem = refused(f"[shop]\n{key} = 'shpat_0123456789abcdef'")
    assert f"unknown key shop.{key}" in problem.message
    assert "put it into .env" in problem.hint
    assert "shpat_" not in str(problem.as_dict())


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[shop]\naddress = “a.myshopify.com”", "text between straight quotes"),
        ("[shop]\naddress = a.myshopify.com", "text between straight quotes"),
        ("[privacy]\npersonal_data = True", "in small letters"),
        ("[calendar]\n[shop]\n[calendar]", "together below one of its headings"),
        ("[shop]\naddress = 'a'\n[[shop]]\naddress = 'b'", "each table begins with [[shop]]"),
        ("[[shop]]\naddress = 'a'\n[shop]\naddress = 'b'", "each table begins with [[shop]]"),
    ],
)
def test_what_is_not_toml_comes_with_what_makes_it_toml(text: str, hint: str) -> None:
    assert hint in refused(text).hint


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ('""', "'' is no namespace"),
        ('"my fields"', "'my fields' is no namespace"),
        (f'"{"a" * 256}"', "is no namespace"),
        ('"custom.gift"', "'custom.gift' is no namespace"),
        ('"custom", "custom"', "'custom' is named twice"),
        (", ".join(f'"space-{number}"' for number in range(21)), "20 can be read"),
    ],
)
def test_what_is_no_namespace_of_metafields_is_refused(named: str, said: str) -> None:
    problem = refused(f"[extract]\nmetafields = [{named}]")
    assert said in problem.message
    assert problem.hint == "mend extract.metafields in shopstack.toml"


def test_namespaces_of_metafields_are_taken_as_shopify_writes_them() -> None:
    named = '["custom", "my_app-2", "$app", "$app:loyalty"]'
    assert len(parse_config(f"[extract]\nmetafields = {named}").extract.metafields) == 4
    assert parse_config("").extract.metafields == ()


def test_what_is_not_toml_names_the_line() -> None:
    problem = refused("[shop\n")
    assert "not valid TOML" in problem.message
    assert "line 1" in problem.why


def test_a_folder_without_a_configuration_points_to_init_and_demo(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as found:
        load_config(tmp_path)
    assert "shopstack init" in found.value.hint
    assert "shopstack demo" in found.value.hint


def test_a_configuration_cannot_be_changed_once_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Config().shop.address = "other.myshopify.com"


@pytest.mark.parametrize(
    ("given_as", "address"),
    [
        ("my-shop.myshopify.com", "my-shop.myshopify.com"),
        (" My-Shop.MyShopify.com/ ", "my-shop.myshopify.com"),
        ("https://my-shop.myshopify.com/admin", "my-shop.myshopify.com"),
        ("https://admin.shopify.com/store/my-shop/orders", "my-shop.myshopify.com"),
        ("my-shop", "my-shop.myshopify.com"),
        ("http://127.0.0.1:8790", "http://127.0.0.1:8790"),
        ("http://[::1]:8790", "http://[::1]:8790"),
        ("http://localhost:8790/", "http://localhost:8790"),
    ],
)
def test_addresses_are_taken_as_people_paste_them(given_as: str, address: str) -> None:
    assert shop_address(given_as) == address


@pytest.mark.parametrize(
    "given_as",
    [
        "",
        "www.biscuits.com",
        "https://biscuits.com",
        "my shop.myshopify.com",
        "http://127.0.0.1",
        "https://my-shop.myshopify.com.evil.com",
        "http://10.0.0.1:80",
    ],
)
def test_what_is_no_shops_address_is_refused(given_as: str) -> None:
    with pytest.raises(ValueError, match="permanent address"):
        shop_address(given_as)


@given(st.from_regex(r"[a-z0-9][a-z0-9-]{0,40}", fullmatch=True))
def test_an_address_once_tidied_stays_as_it_is(name: str) -> None:
    once = shop_address(f"https://{name}.myshopify.com")
    assert shop_address(once) == once


def test_the_mark_that_windows_editors_put_before_the_text_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "shopstack.toml").write_text("[dashboard]\nport = 9000\n", encoding="utf-8-sig")
    assert load_config(tmp_path).dashboard.port == 9000


def test_a_file_that_is_not_utf8_says_so(tmp_path: Path) -> None:
    (tmp_path / "shopstack.toml").write_bytes("# café".encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"shopstack\.toml cannot be read") as found:
        load_config(tmp_path)
    assert found.value.why == "It is not UTF-8 text (byte 5)."


def test_one_shop_is_a_table_and_several_are_a_list_of_them() -> None:
    alone = parse_config('[shop]\naddress = "one"')
    assert alone == parse_config('[[shop]]\naddress = "one"')
    both = parse_config('[[shop]]\naddress = "one"\n[[shop]]\naddress = "http://127.0.0.1:8790"')
    assert [shop.handle for shop in both.shops] == ["one", "simulated-8790"]
    assert both.shop == alone.shop


@pytest.mark.parametrize("second", ["one.myshopify.com", "https://admin.shopify.com/store/one"])
def test_the_same_shop_twice_is_refused_by_name(second: str) -> None:
    problem = refused(f'[[shop]]\naddress = "one"\n[[shop]]\naddress = "{second}"')
    assert "the shop one.myshopify.com is configured twice" in problem.message


def test_a_mistake_in_one_of_several_shops_says_in_which() -> None:
    problem = refused('[[shop]]\naddress = "one"\n[[shop]]\nadress = "two"')
    assert "unknown key shop.adress (shop 2)" in problem.message
    assert "did you mean shop.address?" in problem.hint


def test_a_shop_is_found_by_its_handle_or_its_address() -> None:
    config = parse_config('[[shop]]\naddress = "one"\n[[shop]]\naddress = "my-second"')
    assert config.shop_named("My-Second") == config.shop_named("my-second.myshopify.com") == config.shops[1]
    with pytest.raises(UsageError) as found:
        config.shop_named("my-secnd")
    assert found.value.hint == "--shop my-second"


SNOWFLAKE = """[warehouse]
type = "snowflake"
account = "https://my_organisation-my_account.snowflakecomputing.com/"
user = "spoon_loader"
role = "spoon_loader"
database_prefix = "spoon"
"""


def test_snowflake_is_told_by_its_names_as_snowflake_keeps_them() -> None:
    warehouse = parse_config(SNOWFLAKE).warehouse
    assert warehouse.account == "my_organisation-my_account"
    assert warehouse.role == "SPOON_LOADER"
    assert (warehouse.database("raw"), warehouse.database("prod")) == ("SPOON_RAW", "SPOON_PROD")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('type = "snowflake"', "needs account and user too"),
        ('type = "bigquery"', '"duckdb" or "snowflake"'),
        ('account = "my account"', "no account of Snowflake's"),
        ('role = "LOADER; drop table orders"', "no plain name"),
        ('database_prefix = "1ST"', "no plain name"),
        ('server = "http://snowflake.example.com"', "no address of a server"),
    ],
)
def test_what_snowflake_cannot_mean_is_refused(line: str, words: str) -> None:
    assert words in refused(f"[warehouse]\n{line}").message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[extract]\ninclude = "payouts"', "extract.include: it must be a list, such as"),
        ("[shop]\naddress = 5", "shop.address: it must be text in quotes"),
        (
            '[extract]\nstart = "2026-02-30"',
            "extract.start: '2026-02-30' is no day; it is written as 2026-01-31",
        ),
        ('[extract]\nstart = "31.1.2026"', 'extract.start: it must be written as "2026-01-31"'),
        (
            '[warehouse]\nmemory_limit = "lots"',
            'warehouse.memory_limit: it must be written as "640MB" or "2GB"',
        ),
    ],
)
def test_a_wrong_value_is_told_without_the_words_of_python(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_config(text)
    assert said in caught.value.message
