"""Figures as files: whole, with their fonts, of the size asked for, and of the page's numbers."""

import base64
import re
import sys
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import altair as alt
import font_roboto
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

import summaries
from made_entries import made_entries, made_entry
from seedbed import workflow
from seedbed.analysis.part import PageMaterial
from seedbed.analysis.registry import charts, pictures
from seedbed.core.errors import StudyError
from seedbed.data.images import content_hashes
from seedbed.display.charts.style import COLUMN_CENTIMETERS, for_page
from seedbed.report.figures import SVG, Figure, draw, figures
from sentences import Sentence

INCH = 2.54


def figure(name: str = "accuracy", **changes: Any) -> Figure:
    (found,) = figures(PageMaterial([made_entry(**changes)]), [name])
    return found


def fonts(svg: bytes) -> dict[int, TTFont]:
    """Return the fonts that an SVG carries, by weight."""
    faces = re.findall(
        rb"font-weight:(\d+);src:url\(data:font/woff;base64,([A-Za-z0-9+/=]+)\)", svg
    )
    return {int(weight): TTFont(BytesIO(base64.b64decode(data))) for weight, data in faces}


def test_an_svg_carries_every_letter_that_it_sets() -> None:
    drawn = draw(figure("confusion", class_names=["Ångström", "ß & <b>", "λ"]), "svg")
    root = ElementTree.fromstring(drawn.contents)
    found = fonts(drawn.contents)
    assert set(found) == {400, 700}
    for text in root.iter(f"{{{SVG}}}text"):
        weight = 700 if text.get("font-weight") == "bold" else 400
        assert text.get("font-family") == "Roboto"
        assert set(map(ord, "".join(text.itertext()))) <= set(found[weight].getBestCmap())
    assert drawn.foreign == ""
    whole = TTFont(Path(str(font_roboto.__file__)).parent / "files/Roboto-Regular.ttf")
    assert len(found[400].getGlyphOrder()) < 0.1 * len(whole.getGlyphOrder())


def test_an_svg_asks_for_nothing() -> None:
    for each in figures(PageMaterial(made_entries("a", "b"))):
        drawn = draw(each, "svg").contents
        assert b"<script" not in drawn
        assert not re.search(rb'(?:href|src)="(?!#)', drawn)
        assert set(re.findall(rb"url\(([a-z]+):", drawn)) == {b"data"}


def test_a_pdf_embeds_its_fonts() -> None:
    drawn = draw(figure(), "pdf").contents
    assert drawn.startswith(b"%PDF-")
    assert drawn.rstrip().endswith(b"%%EOF")
    embedded = []
    for reference in re.findall(rb"/FontFile2 (\d+) 0 R", drawn):
        stream = re.search(rb"\n%s 0 obj.*?stream\r?\n" % reference, drawn, re.DOTALL)
        assert stream
        embedded.append(zlib.decompressobj().decompress(drawn[stream.end() :]))
    assert len(embedded) == 2
    assert all(TTFont(BytesIO(each))["glyf"] for each in embedded)
    names = set(re.findall(rb"/BaseFont /[A-Z]{6}\+([\w-]+)", drawn))
    assert names == {b"Roboto-Regular", b"Roboto-Bold"}
    assert drawn.count(b"/Type /FontDescriptor") == len(embedded)  # none is left to the reader


@pytest.mark.parametrize("centimeters", [COLUMN_CENTIMETERS, 17.8])
def test_every_format_is_as_wide_as_asked_for(centimeters: float) -> None:
    (found,) = figures(PageMaterial(made_entries("a", "b")), ["accuracy"], centimeters)
    svg = ElementTree.fromstring(draw(found, "svg").contents)
    assert float(svg.attrib["width"].removesuffix("mm")) == pytest.approx(10 * centimeters, abs=0.2)
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ", draw(found, "pdf").contents)
    assert box
    assert float(box[1]) / 72 * INCH == pytest.approx(centimeters, abs=0.02)
    with Image.open(BytesIO(draw(found, "png").contents)) as picture:
        assert picture.info["dpi"][0] == pytest.approx(300, abs=0.1)
        assert picture.width / 300 * INCH == pytest.approx(centimeters, abs=0.03)
        assert picture.getpixel((0, 0)) == (255, 255, 255, 255)


def test_nothing_sticks_out_of_a_figure(tmp_path: Path) -> None:
    """The last columns and lines of pixels are empty in every figure of an unkind study."""
    seen = set()
    for each in figures(PageMaterial(summaries.entries_of(summaries.hostile(tmp_path)))):
        if each.chart in seen:
            continue
        seen.add(each.chart)
        with Image.open(BytesIO(draw(each, "png").contents)) as picture:
            gray = picture.convert("L")
            for edge in (
                gray.crop((0, 0, 3, gray.height)),
                gray.crop((gray.width - 3, 0, gray.width, gray.height)),
                gray.crop((0, gray.height - 3, gray.width, gray.height)),
            ):
                assert edge.getextrema() == (255, 255), each.name


def test_a_figure_shows_what_the_page_shows() -> None:
    entries = made_entries("a", "b")
    drawn_charts = [each for each in figures(PageMaterial(entries)) if each.chart in charts()]
    assert len(drawn_charts) > 5
    for each in drawn_charts:
        chart = charts()[each.chart]
        groups = [[entry] for entry in entries] if chart.per_configuration else [entries]
        pages = [for_page(drawing) for group in groups if (drawing := chart.draw(group))]
        data = each.specification["datasets"]
        (page,) = [found for found in pages if found["datasets"] == data and _same(found, each)]
        values = {one["name"]: one.get("value") for one in each.specification["params"]}
        drawn = each.specification["layer"]
        assert [layer for layer in page["layer"] if layer in drawn] == drawn
        # Only what a pointer would show is not there.
        assert len(page["layer"]) - len(drawn) == ("hover" in values)
        for parameter in page.get("params", ()):
            assert values[parameter["name"]] == parameter.get("value", {})


def test_charts_name_the_classes_of_their_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Altair compares a text or dict with every class of its schema, which takes 2 to 5 ms."""

    def guess(value: object, **_: object) -> None:
        raise AssertionError(f"the class of {value} is not named")

    monkeypatch.setattr(alt.SchemaBase, "from_dict", guess)
    own = [module for name, module in sys.modules.items() if name.startswith("seedbed.")]
    for module in own:  # not those of PyTorch, some of which have every attribute
        clear = getattr(getattr(module, "_frame", None), "cache_clear", None)
        if clear:
            clear()
    assert list(figures(PageMaterial(made_entries("a", "b"))))


def _same(page: dict[str, object], figure: Figure) -> bool:
    title = page["title"]
    assert isinstance(title, dict)
    return str(title["text"]).split() == " ".join(figure.specification["title"]["text"]).split()


def test_a_chart_of_one_configuration_is_a_file_for_each() -> None:
    found = [
        each.name
        for each in figures(PageMaterial(made_entries("rate=0.1", "rate=0.01")), ["confusion"])
    ]
    assert found == ["confusion-rate-0.1", "confusion-rate-0.01"]
    assert [each.name for each in figures(PageMaterial([made_entry()]), ["confusion"])] == [
        "confusion"
    ]


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (("../../etc", "a/b\\c:d"), ["confusion-..-..-etc", "confusion-a-b-c-d"]),
        (("A", "a"), ["confusion-A", "confusion-a-2"]),
        (("日本", "<b>"), ["confusion-日本", "confusion-b"]),
        (("x" * 300, "x" * 301), ["confusion-" + "x" * 70, "confusion-" + "x" * 70 + "-2"]),
    ],
)
def test_names_of_files_are_safe(labels: tuple[str, str], names: list[str]) -> None:
    assert [
        each.name for each in figures(PageMaterial(made_entries(*labels)), ["confusion"])
    ] == names


def test_only_what_applies_is_drawn(sentence: Sentence) -> None:
    found = [each.chart for each in figures(PageMaterial([made_entry()]))]
    assert "noise-response" not in found
    assert "accuracy" in found
    with pytest.raises(StudyError) as error:
        list(figures(PageMaterial([made_entry()]), ["noise-response"]))
    assert error.value.where == "chart noise-response"
    sentence(error.value)


def test_letters_that_the_font_does_not_have_are_named() -> None:
    drawn = draw(figure("confusion", class_names=["运", "b", "ح"]), "svg")
    assert drawn.foreign == "ح运"


@pytest.mark.parametrize("form", ["svg", "png"])  # a PDF numbers its fonts as it comes
def test_drawing_twice_gives_the_same_file(form: str) -> None:
    first, second = (draw(figure(), form).contents for _ in range(2))
    assert first == second


def test_a_figure_can_do_without_its_title() -> None:
    material = PageMaterial([made_entry()])
    for name in ("accuracy", "network"):
        (with_title,), (without,) = (
            list(figures(material, [name], title=title)) for title in (True, False)
        )
        texts = [
            [
                "".join(text.itertext())
                for text in ElementTree.fromstring(each.plain()).iter(f"{{{SVG}}}text")
            ]
            for each in (with_title, without)
        ]
        assert set(texts[1]) < set(texts[0])


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> workflow.Study:
    folder = summaries.write_study(
        tmp_path_factory.mktemp("networks"),
        test_images=60,
        seeds=2,
        epochs=1,
        margin=3,
        axes="[[variants]]\nname = 'lenet5'\n[[variants]]\nname = 'vit'\nnetwork = "
        "{ name = 'vit', patch_size = 4, embed_dim = 8, depth = 1, num_heads = 2, mlp_dim = 8 }",
    )
    return workflow.open(folder)


def test_pictures_show_the_pixels_of_the_dataset(study: workflow.Study, tmp_path: Path) -> None:
    with np.load(study.folder.parent / "data" / "images.npz") as arrays:
        images = {content_hashes(image[None])[0]: image for image in arrays["test_images"]}
    written = study.figures(tmp_path, charts=["hard-examples"], only=["variant=vit"])
    svg = ElementTree.parse(written.files[0])
    shown = [element.attrib["href"] for element in svg.iter(f"{{{SVG}}}image")]
    entry = next(each for each in study.summary if each.header.variant == "vit")
    hard = entry["hard_examples"]["examples"][: len(shown)]
    assert len(shown) == 18
    for address, example in zip(shown, hard, strict=True):
        with Image.open(BytesIO(base64.b64decode(address.partition(",")[2]))) as picture:
            pixels = np.asarray(picture)
        factor = pixels.shape[0] // 12
        assert np.array_equal(pixels[::factor, ::factor], images[example["hash"]][..., 0])


def test_every_picture_is_drawn_where_it_applies(study: workflow.Study, tmp_path: Path) -> None:
    for name in pictures():
        written = study.figures(tmp_path / name, charts=[name], format="pdf", width="ieee")
        stems = [file.stem for file in written.files]
        several = {"confused-pairs", "hard-examples", "network", "filters"}
        assert len(stems) == 1 + (name in several), name
        assert not any("=" in stem for stem in stems)
        for file in written.files:
            box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ", file.read_bytes())
            assert box
            assert float(box[1]) / 72 * INCH == pytest.approx(8.9, abs=0.02)


def test_without_the_dataset_only_kept_images_are_drawn(tmp_path: Path) -> None:
    folder = summaries.single_run(tmp_path)
    (folder.parent / "data" / "images.npz").unlink()
    with pytest.raises(StudyError) as error:
        workflow.open(folder).figures(tmp_path / "out", charts=["samples"])
    assert error.value.where == "chart samples"
    assert not (tmp_path / "out").exists()
