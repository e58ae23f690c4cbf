"""Each key of the reader does what the help says, and what it marks is in the library at once."""

import asyncio

from invented import put, sighting
from reader import desk, fill, lines, reading, screen, states
from textual.events import Paste

from papertrack.browse.sections import SectionKey
from papertrack.config.browse_keys import all_browse_keys
from papertrack.library.library import Library


def run(work):
    """Run a test that waits for the reader."""
    asyncio.run(work)


def test_keys_move_through_papers_sections_and_the_paper(tmp_path):
    fill(tmp_path)
    made, _ = desk(tmp_path)

    async def work():
        async with reading(made) as reader:
            app, press = reader.app, reader.press
            first = app.papers.ids
            assert len(first) == 40
            for keys, cursor in (
                ("j", 1), ("down", 2), ("k", 1), ("up", 0), ("k", 0), ("G", 39), ("j", 39),
                ("g", 0), ("pagedown", app.list_view.rows), ("ctrl+b", 0), ("end", 39), ("home", 0),
            ):  # fmt: skip
                await press(keys)
                assert app.papers.cursor == cursor, keys
            title = app.papers.current.paper.title
            await reader.until(lambda: any(title in line for line in lines(app)[11:]))
            await press("space")
            assert app.papers.cursor == 0, "the paper has scrolled"
            assert app.paper_view.top > 0
            await press("minus")
            assert app.paper_view.top == 0
            while not app.paper_view.at_end:
                await press("space")
            await press("space")
            assert app.papers.cursor == 1, "at its end comes the next paper"
            await press("enter")
            await reader.until(lambda: not app.list_view.is_on_screen)
            await press("j", "enter")
            assert app.papers.cursor == 2
            await press("right_square_bracket")
            assert app.papers.key == SectionKey("catchup")
            await press("left_square_bracket", "left_square_bracket")
            assert app.papers.key == SectionKey("topic", "graphs")
            await reader.shows("no papers")
            await press("tab", "b")
            assert app.papers.key == SectionKey("today")
            await reader.shows("Starred")
            await press("b")
            await reader.until(lambda: "Starred" not in screen(app))

    run(work())


def test_marks_are_stored_at_once_and_undone_one_by_one(tmp_path):
    fill(tmp_path)
    made, done = desk(tmp_path)

    async def work():
        async with reading(made) as reader:
            app, press = reader.app, reader.press
            first, second, third = app.papers.ids[:3]
            await press("s")
            assert states(tmp_path)[first].starred
            assert app.papers.cursor == 0
            await reader.until(lambda: "★" in lines(app)[1])
            await press("r")
            assert states(tmp_path)[first].read
            assert app.papers.current_id == second, "a paper that was read is left behind"
            await press("h")
            assert states(tmp_path)[second].hidden
            assert app.papers.current_id == third
            assert len(app.papers) == 40, "what was hidden stays until the section is opened again"
            await press("n")
            assert done[0][0] == "edit"
            assert states(tmp_path)[third].note == "a note"
            await press("t", *"later", "enter")
            assert states(tmp_path)[third].tags == ("later",)
            await press("t", "up", "enter")
            await press("t", *"-later", "enter")
            assert states(tmp_path)[third].tags == ()
            await press("u", "u", "u")
            assert third not in states(tmp_path)
            await press("u")
            assert not states(tmp_path)[first].hidden
            await press("u", "u", "u")
            assert states(tmp_path) == {}
            await reader.shows("nothing to undo")
            await press("g", "s", "s")
            assert first not in states(tmp_path), "the same key takes the star away"

    run(work())


def test_several_papers_are_marked_in_one_change(tmp_path):
    fill(tmp_path)
    made, _ = desk(tmp_path)

    async def work():
        async with reading(made) as reader:
            app, press = reader.app, reader.press
            ids = app.papers.ids
            await press("v", "j", "j")
            await reader.shows("3 selected")
            await press("v", "G", "x", "s")
            marked = {key for key, state in states(tmp_path).items() if state.starred}
            assert marked == {*ids[:3], ids[-1]}
            assert app.papers.selected == set()
            await press("u")
            assert states(tmp_path) == {}
            await press("v", "k", "escape")
            assert app.papers.selected == set()

    run(work())


def test_the_search_follows_what_is_typed_and_escape_leads_back(tmp_path):
    fill(tmp_path)
    made, _ = desk(tmp_path)

    async def work():
        async with reading(made) as reader:
            app, press = reader.app, reader.press
            await press("slash", *"protiens")
            assert app.papers.key == SectionKey("search", "protiens"), "with a typo"
            assert len(app.papers) == 20
            assert "q" in "".join(lines(app))
            await press("q")
            assert app.papers.key.value == "protiensq", "letters are text while a query is typed"
            await press("backspace", "enter")
            await press("j", "s")
            assert sum(state.starred for state in states(tmp_path).values()) == 1
            await press("slash", *" is:starred", "enter")
            assert len(app.papers) == 1
            await press("slash", *" venue:", "enter")
            await reader.shows("the filter venue: has no value")
            await press("escape")
            assert app.papers.key == SectionKey("today")
            await press("slash", *"agent", "escape")
            assert app.papers.key == SectionKey("today")
            await press("slash")
            for text in ("x" * 999, "y", "z"):  # as one key that hangs, or a text pasted by mistake
                app.focused.insert_text_at_cursor(text)
            assert app.focused.value == "x" * 999 + "y"

    run(work())


def test_an_explanation_stays_until_the_cursor_moves_or_w_is_pressed_again(tmp_path):
    fill(tmp_path)
    made, _ = desk(tmp_path)

    async def work():
        async with reading(made) as reader:
            app, press = reader.app, reader.press
            await press("w")
            await reader.shows("○ graphs")
            await reader.until(lambda: app.related[0] == app.papers.current_id)
            app.show_paper(from_top=False)  # as related papers and marks do
            await reader.shows("○ graphs")
            await press("w")
            await reader.shows("The agent of number 1")
            await press("w")
            await reader.shows("○ graphs")
            await press("j")
            await reader.shows("The agent of number 3")

    run(work())


def test_papers_go_to_other_programs(tmp_path):
    fill(tmp_path)
    made, done = desk(tmp_path)

    async def work():
        async with reading(made) as reader:
            app, press = reader.app, reader.press
            paper_id = app.papers.current_id
            page = f"https://huggingface.co/papers/{paper_id}"
            await press("o", "p", "y", "c")
            assert done == [
                ("open", page), ("open", f"https://arxiv.org/pdf/{paper_id}"), ("copy", page),
                ("copy", paper_id),
            ]  # fmt: skip
            done.clear()
            await press("l", "backspace", "2", "enter")
            assert done == [("open", f"https://arxiv.org/abs/{paper_id}")]
            await press("l", "backspace", "9", "enter")
            await reader.shows("there is no link 9")
            await press("w")
            await reader.shows("● agents")
            await reader.shows("○ graphs")
            await press("v", "j", "e", *[], "enter")
            await reader.shows("2 to papers.md")
            done.clear()
            await press("escape", "T", "enter", "down", "enter")
            assert [call[0] for call in done] == ["add_phrase"]
            await press("R")
            assert done[-1][0] == "refresh"
            await reader.shows("everything is up to date")

    run(work())


def test_keys_typed_ahead_act_one_after_the_other(tmp_path):
    fill(tmp_path)
    made, _ = desk(tmp_path)

    async def work():
        async with reading(made) as reader:
            app, press = reader.app, reader.press
            await press("question_mark", "j", "q", "j")
            assert len(app.screen_stack) == 1
            assert app.papers.cursor == 1, "what follows the help is a key of the list again"
            await press("t", "a", "b", "backspace", "c", "left", "x", "enter", "j")
            assert app.papers.cursor == 2
            assert [*states(tmp_path)[app.papers.ids[1]].tags] == ["axc"]
            await press("t", "a")
            app.screen.set_focus(None)  # as a click elsewhere does
            app.post_message(Paste("bc\nd"))
            await press("backspace", "enter")
            assert [*states(tmp_path)[app.papers.ids[2]].tags] == ["ab"]

    run(work())


def test_the_help_lists_every_key_and_the_palette_every_action(tmp_path):
    fill(tmp_path)
    made, _ = desk(tmp_path, keys={"star": ("S", "f2"), "quit": ("Q",)})

    async def work():
        async with reading(made, size=(100, 60)) as reader:
            app, press = reader.app, reader.press
            await press("question_mark")
            await reader.shows("S, F2")
            text = screen(app)
            for caps in ("g, Home", "Ctrl+F, Page Down", "[, Shift+Tab"):
                assert f"  {caps}  " in text
            columns = {
                line.index(key.description)
                for key in all_browse_keys()
                for line in text.splitlines()
                if line.startswith("  ") and line.rstrip().endswith(f"  {key.description}")
            }
            assert len(columns) == 1, "the descriptions are below each other"
            for key in all_browse_keys():
                assert key.description in text, key
            await press("q")
            await reader.shows("Today")
            await press("s", "q")
            assert states(tmp_path) == {}, "these keys are configured otherwise"
            await press("S")
            assert len(states(tmp_path)) == 1
            await press("colon", *"undo the last")
            await reader.pilot.pause(0.5)
            await press("enter")
            await reader.pilot.pause(0.2)
            await reader.settle()
            assert states(tmp_path) == {}
            await press("Q")
            assert app.return_code == 0

    run(work())


def test_the_mouse_does_what_keys_do(tmp_path):
    fill(tmp_path)
    made, done = desk(tmp_path)

    async def work():
        async with reading(made, size=(120, 40)) as reader:
            app = reader.app
            await reader.pilot.click("#list", offset=(20, 3))
            assert app.papers.cursor == 3
            row = next(
                n for n, line in enumerate(app.paper_view.detail.lines) if "[1]" in line.plain
            )
            app.paper_view.scroll_lines_to(row - 3)
            await reader.pilot.click("#paper", offset=(8, row - app.paper_view.top))
            await reader.settle()
            assert [call[0] for call in done] == ["open"]
            await reader.pilot.click("#sections", offset=(3, 3))
            await reader.settle()
            assert app.papers.key == SectionKey("starred")

    run(work())


def test_what_another_program_stores_appears_and_the_cursor_stays(tmp_path):
    library = fill(tmp_path, 5)
    made, _ = desk(tmp_path)

    async def work():
        async with reading(made) as reader:
            app, press = reader.app, reader.press
            await press("j", "j")
            current = app.papers.current_id
            put(library, sighting("2603.00777", upvotes=99, title="A late agent"))
            app.watch_library()
            await reader.settle()
            assert app.papers.current_id == current
            assert "2603.00777" in app.papers.ids
            await reader.shows("1 new paper in Today")

    run(work())
    assert Library(str(tmp_path)).paper_count() == 6


def test_a_key_that_comes_before_its_paper_was_read_waits_for_it(tmp_path):
    fill(tmp_path)
    made, done = desk(tmp_path)

    async def work():
        async with reading(made) as reader:
            papers = reader.app.papers
            for key in ("n", "o", "y"):
                papers._entries.clear()  # noqa: SLF001  # as on a busy machine
                papers._known.clear()  # noqa: SLF001
                await reader.press(key)
            assert [name for name, *_ in done] == ["edit", "open", "copy"]

    run(work())
