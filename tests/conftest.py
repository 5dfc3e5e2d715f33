"""What tests print when the run is over: what was measured, which a slow machine may not turn into a failure."""

import pytest

NOTES = pytest.StashKey()


@pytest.fixture(scope="session")
def note(request):
    """Print a line under a heading when the run is over."""
    notes = request.config.stash.setdefault(NOTES, {})
    return lambda heading, line: notes.setdefault(heading, []).append(line)


def pytest_terminal_summary(terminalreporter, config):
    for heading, lines in config.stash.get(NOTES, {}).items():
        terminalreporter.section(heading)
        for line in lines:
            terminalreporter.write_line(line)
