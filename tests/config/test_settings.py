"""Settings come from flags, environment, file and defaults, in this order; a wrong one is one sentence."""

from pathlib import Path

import pytest

from config.settings import Settings, load, misspelt_variables, variable_of
from domain.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_each_source_wins_over_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().port == 8420
    Path("tabuh.toml").write_text("port = 1111\nworkers = 3\n")
    assert load().port == 1111
    monkeypatch.setenv("TABUH_PORT", "2222")
    assert load().port == 2222
    assert load({"port": 3333}).port == 3333
    assert load({"port": None}).port == 2222
    assert load().workers == 3


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABUH_PORT", "")
    monkeypatch.setenv("TABUH_PUBLIC_URL", "")

    assert load().port == 8420
    assert load().public_url is None


@pytest.mark.parametrize("written", ["10.0.0.0/8, 192.168.1.5", "10.0.0.0/8 192.168.1.5"])
def test_lists_are_separated_by_commas_or_spaces(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("TABUH_ALLOWED_NETWORKS", written)

    assert load().allowed_networks == ("10.0.0.0/8", "192.168.1.5")


def test_a_list_in_the_file_is_a_list() -> None:
    Path("tabuh.toml").write_text('allowed_networks = ["10.0.0.0/8"]\n')

    assert load().allowed_networks == ("10.0.0.0/8",)


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("TABUH_PORT", "many", "TABUH_PORT"),
        ("TABUH_PORT", "70000", "TABUH_PORT"),
        ("TABUH_WORKERS", "0", "TABUH_WORKERS"),
        ("TABUH_ZONE", "Mars/Olympus", "IANA time zone such as Asia/Jakarta"),
        ("TABUH_PUBLIC_URL", "example.org", "https://post.example.org"),
        ("TABUH_LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(UsageError) as caught:
        load()

    assert variable in str(caught.value)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_wrong_flag_is_named_as_one() -> None:
    with pytest.raises(UsageError, match="--public-port"):
        load({"public_port": -1})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("prot = 1\n", "'prot' in tabuh.toml. Did you mean port?"),
        ("[server]\nport = 1\n", "'server' in tabuh.toml"),
        ("port = \n", "tabuh.toml cannot be read"),
        ("port = 'x'\n", "'port' in tabuh.toml"),
    ],
)
def test_a_broken_file_is_one_sentence(text: str, says: str) -> None:
    Path("tabuh.toml").write_text(text)

    with pytest.raises(UsageError) as caught:
        load()

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_misspelt_variable_is_pointed_out_and_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABUH_DATABSE_URL", "sqlite://")
    monkeypatch.setenv("TABUH_SERVICE_HOST", "10.0.0.1")  # as Kubernetes sets it

    assert misspelt_variables() == ["Unknown setting TABUH_DATABSE_URL. Did you mean TABUH_DATABASE_URL?"]


def test_no_secret_shows_in_any_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABUH_SECRET_KEY", "very-secret-key")
    monkeypatch.setenv("TABUH_DATABASE_URL", "postgresql://me:hidden-word@host/db")
    settings = load()

    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"

    assert "very-secret-key" not in shown
    assert "hidden-word" not in shown
    assert settings.database == "postgresql://me:hidden-word@host/db"


def test_two_secret_keys_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABUH_SECRET_KEY", "very-secret-key")
    monkeypatch.setenv("TABUH_SECRET_KEY_FILE", "key")

    with pytest.raises(UsageError, match="not both") as caught:
        load()

    assert "very-secret-key" not in str(caught.value)


@pytest.mark.parametrize(
    ("flags", "public", "private"),
    [
        ({}, "http://127.0.0.1:8420", "http://127.0.0.1:8420"),
        ({"host": "0.0.0.0"}, "http://127.0.0.1:8420", "http://127.0.0.1:8420"),
        ({"host": "::1", "port": 80}, "http://[::1]", "http://[::1]"),
        ({"public_url": "https://a.org/"}, "https://a.org", "https://a.org"),
        ({"public_url": "https://a.org", "public_port": 9}, "https://a.org", "http://127.0.0.1:8420"),
        ({"public_host": "10.0.0.1"}, "http://10.0.0.1:8420", "http://127.0.0.1:8420"),
        ({"private_url": "https://in.a.org"}, "http://127.0.0.1:8420", "https://in.a.org"),
    ],
)
def test_addresses_follow_from_what_is_served(flags: dict[str, object], public: str, private: str) -> None:
    settings = load(flags)

    assert settings.served_public_url == public
    assert settings.served_private_url == private


def test_the_example_lists_every_setting_with_its_default() -> None:
    lines = (ROOT / "config" / "example.env").read_text().splitlines()
    told = dict(line[1:].split("=", 1) for line in lines if line.startswith("#TABUH_"))

    expected = {}
    for name, field in Settings.model_fields.items():
        plain = field.default if field.default_factory is None else None
        expected[variable_of(name)] = "" if plain in (None, ()) else str(plain)
    assert told == expected


def test_the_example_says_something_about_every_setting() -> None:
    text = (ROOT / "config" / "example.env").read_text()

    for block in text.split("\n\n")[1:]:
        assert block.startswith("# "), f"no explanation above {block!r}"
