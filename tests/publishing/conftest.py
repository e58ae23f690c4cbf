import pytest
from published import URL, write_site


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of a published site; tests must not change it."""
    folder = tmp_path_factory.mktemp("site")
    write_site(folder, url=URL)
    return folder
