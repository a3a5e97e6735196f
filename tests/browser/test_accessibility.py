"""Every page, light and dark, wide and narrow: WCAG 2.2 AA, no error, no sideways scrolling, no network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

from book import build
from tests.support.watch import Watch

Scheme = Literal["light", "dark"]
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
SCHEMES: tuple[Scheme, Scheme] = ("light", "dark")
WIDTHS = (1280, 320)  # the narrower is that of WCAG 1.4.10, Reflow
#: Not only what can be seen at first: folds are open, scrolled-away parts count too.
OPEN_FOLDS = """() => {
    const still = document.createElement("style");  // half faded in, text has half its contrast
    still.textContent = "* { animation: none !important; transition: none !important; }";
    document.head.append(still);
    for (const fold of document.querySelectorAll("details")) fold.open = true;
}"""
#: Two frames later the scripts have marked what scrolls by itself.
SETTLED = "new Promise(done => requestAnimationFrame(() => setTimeout(done, 60)))"
#: The theme's script does so 300 ms after a change of width; a later timer comes later on a busy machine too.
RESIZED = "new Promise(done => requestAnimationFrame(() => setTimeout(done, 400)))"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
#: A page has ten thousand strokes and words of code that look alike; the checker needs one of each kind.
#: A drawing is one image with a description, a formula one word in one ink.
THIN_OUT = """() => {
    for (const drawing of document.querySelectorAll(".picture svg")) drawing.replaceChildren();
    for (const formula of document.querySelectorAll("math")) formula.textContent = "x";
    for (const kind of ["dl.py", ".interview"]) {
        for (const another of [...document.querySelectorAll(kind)].slice(12)) another.remove();
    }
    const seen = new Set();
    for (const word of document.querySelectorAll("pre span, .sig span")) {
        let look = "";
        for (let up = 0, e = word; e && up < 5; up += 1, e = e.parentElement) look += e.tagName + e.className;
        if (word.children.length === 0 && seen.has(look)) word.remove();
        seen.add(look);
    }
}"""
#: Colours are most of the checker's work, and alike wherever text is drawn alike: one of each look is marked.
#: A look is the name, class and paint of an element and of all around it, and whether they hold text.
MARK_LOOKS = """() => {
    const paint = ["color", "backgroundColor", "backgroundImage", "opacity", "fontSize", "fontWeight",
                   "textDecorationLine", "textShadow", "borderBottomStyle"];
    const written = e => [...e.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const looks = new Map([[null, ""]]), seen = new Set();
    const look = e => {
        if (!looks.has(e)) {
            const style = getComputedStyle(e), own = paint.map(name => style[name]);
            const kind = [e.tagName, e.getAttribute("class"), written(e)];
            looks.set(e, [...kind, ...own, look(e.parentElement)].join());
        }
        return looks.get(e);
    };
    for (const e of document.querySelectorAll("body *")) {
        const first = (written(e) || e.matches("input, select, textarea")) && !seen.has(look(e));
        e.toggleAttribute("data-look", first);
        if (first) seen.add(look(e));
    }
}"""
#: What the rules of colour look at, for axe.configure.
MARKED = [
    {"id": "color-contrast", "selector": "[data-look], [data-look] *"},
    {"id": "link-in-text-block", "selector": ":is(a[href], [role=link]):is([data-look], [data-look] *)"},
]
CHECK = """async ([context, options, rules]) => {
    axe.reset();
    axe.configure({ rules });
    return (await axe.run(context || document, options)).violations;
}"""


def page_names(html: Path) -> list[str]:
    pages = sorted(html.glob("book/*.html"))
    return [str(page.relative_to(html).with_suffix("")) for page in pages] + ["search"]


def look(page: Page, width: int, scheme: Scheme) -> None:
    """Change width and theme; what scrolls by itself only when narrow is marked then."""
    narrower = page.viewport_size is not None and width < page.viewport_size["width"]
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.evaluate(RESIZED if narrower else SETTLED)


def checked(
    page: Page, rules: dict[str, Any], context: str = "", changed: Sequence[dict[str, str]] = ()
) -> list[dict[str, Any]]:
    """What axe finds in a part of the page; a page is given its script, of half a megabyte, once."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = page.evaluate(CHECK, [context, options, list(changed)])
    return found


def violations(page: Page) -> list[tuple[str, str]]:
    page.evaluate(MARK_LOOKS)
    return [(each["id"], each["nodes"][0]["html"][:200]) for each in checked(page, RULES, changed=MARKED)]


def test_every_page_is_accessible_and_quiet(html: Path, site: str, browser: Browser) -> None:
    """A page that is light when wide is dark when narrow, and the next one the other way round."""
    found: list[tuple[str, ...]] = []
    watch = Watch(browser, site)
    for number, name in enumerate(page_names(html)):
        looks = list(zip(WIDTHS, (SCHEMES, SCHEMES[::-1])[number % 2], strict=True))
        look(watch.page, *looks[0])
        page = watch.open(name)
        page.evaluate(OPEN_FOLDS)
        for width, scheme in looks:
            look(page, width, scheme)
            assert page.evaluate("document.documentElement.dataset.theme") == scheme
            if (sideways := page.evaluate(OVERFLOW)) > 0:
                found.append((name, f"scrolls {sideways} px sideways at {width}"))
        page.evaluate(THIN_OUT)
        for width, scheme in reversed(looks):
            look(page, width, scheme)
            found += [(name, scheme, *violation) for violation in violations(page)]
    watch.context.close()
    assert watch.problems == []
    assert found == []


def test_text_and_formulas_stand_after_a_second_and_a_half_of_work(site: str, browser: Browser) -> None:
    watch = Watch(browser, site, viewport={"width": 1280, "height": 900})
    tools = watch.context.new_cdp_session(watch.page)
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})  # processor time, not the clock
    page = watch.open("book/em")
    formula = page.locator("math").first.bounding_box()
    spent = {metric["name"]: metric["value"] for metric in tools.send("Performance.getMetrics")["metrics"]}
    watch.context.close()
    assert formula is not None
    assert formula["width"] > 0
    assert 0 < spent["TaskDuration"] < 1.5


def test_the_book_can_be_searched_without_a_network(watch: Watch) -> None:
    page = watch.open("search")
    field = page.locator("main form.bd-search input")
    field.fill("responsibility")
    field.press("Enter")
    expect(page.locator("#search-results li").nth(2)).to_be_visible()  # they come one after the other


def test_without_scripts_a_page_keeps_its_figures_and_captions(site: str, browser: Browser) -> None:
    with_stepper = next(
        path.stem for path in sorted((build.BUILD / "html" / "book").glob("*.html"))
        if 'class="stepper"' in path.read_text("utf-8")
    )  # fmt: skip
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/book/{with_stepper}.html")
    stepper = page.locator(".stepper").first
    expect(stepper.locator("svg").first).to_be_visible()
    expect(stepper.locator(".stepper-captions li").first).to_be_visible()
    context.close()
