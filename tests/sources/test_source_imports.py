import subprocess
import sys

import papertrack.sources


def loaded_by(statement):
    """The modules in a new process after `statement`."""
    script = f"{statement}\nimport sys\nprint(*sys.modules)"
    return set(subprocess.check_output([sys.executable, "-c", script], text=True).split())


def test_sources_load_no_network_library_until_one_connects():
    quiet = loaded_by(
        "import papertrack.sources, papertrack.sources.huggingface, papertrack.sources.sample"
    )
    assert not quiet & {"httpx", "stamina", "dataclasses", "threading", "logging"}
    assert "httpx" in loaded_by("import papertrack.sources as s; s.connect(None, 1)")


def test_the_sources_fulfil_their_protocol():
    from papertrack.sources.huggingface import HuggingFace

    source: papertrack.sources.Source = HuggingFace("https://huggingface.co")
    assert (source.name, source.title) == ("huggingface", "Hugging Face Daily Papers")
