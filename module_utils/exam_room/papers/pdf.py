"""Pages as PDF, by WeasyPrint. It, its libraries or the fonts may be missing: then there is HTML, and it is said."""

from __future__ import annotations

import importlib
import logging
import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from ..errors import ExamError
from ..tools import run

PACKAGES = "fonts-noto-cjk fonts-noto-color-emoji libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
# fc-list takes some hundredths of a second for each.
_MOST_LOOKED_FOR = 100
_INSTALL_ZH = "请运行 make setup，或用浏览器打开 HTML 打印"
_INSTALL_EN = "run make setup, or print the HTML from a browser"


def check_fonts() -> None:
    """Refuse to make PDFs without a Chinese font: they would show boxes."""
    done = run(["fc-list", ":lang=zh-cn", "family"], timeout=30)
    if done.returncode != 0 or not done.stdout.strip():
        raise ExamError(
            f"没有中文字体（{PACKAGES.split()[0]}），没有生成 PDF；{_INSTALL_ZH}。",
            f"There is no Chinese font ({PACKAGES.split()[0]}), no PDF was made; {_INSTALL_EN}.",
        )


@contextmanager
def loading() -> Iterator[None]:
    """Load what makes PDFs beside the block, which waits for something else; whether it is there shows in ``make``."""

    def load() -> None:
        with suppress(ImportError, OSError):
            importlib.import_module("weasyprint")

    thread = threading.Thread(target=load, name="weasyprint")
    thread.start()
    try:
        yield
    finally:
        thread.join()


def make(pages: Sequence[bytes]) -> bytes:
    """The pages as one PDF, each with its own count of sheets, the fonts embedded; nothing is fetched.

    Raises ExamError when that is not possible on this machine.
    """
    check_fonts()
    try:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as exc:
        raise ExamError(
            f"缺少 WeasyPrint 或它的系统库（{_line(exc)}），没有生成 PDF；{_INSTALL_ZH}。",
            f"WeasyPrint or a library of it is missing ({_line(exc)}), no PDF was made; {_INSTALL_EN}.",
        ) from exc
    for noisy in ("weasyprint", "fontTools"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    fonts, nothing = FontConfiguration(), URLFetcher(allowed_protocols=())
    try:
        documents = [
            weasyprint.HTML(string=page.decode("utf-8"), url_fetcher=nothing).render(font_config=fonts)
            for page in pages
        ]
        sheets = [sheet for document in documents for sheet in document.pages]
        return bytes(documents[0].copy(sheets).write_pdf(pdf_identifier=b"exam-room"))
    except Exception as exc:
        # Whatever the library stumbles over must not keep the results from being burned.
        raise ExamError(
            f"没有生成 PDF：{_line(exc)}；{_INSTALL_ZH}。", f"No PDF was made: {_line(exc)}; {_INSTALL_EN}."
        ) from exc


def without_glyph(page: bytes) -> list[str]:
    """The rare characters of the page that no font here can show, such as some of names; PDFs show boxes for them."""
    rare = {one for one in page.decode("utf-8") if ord(one) > 0x7F and not _is_common(one)}
    return [one for one in sorted(rare)[:_MOST_LOOKED_FOR] if not _has_glyph(one)]


def _is_common(character: str) -> bool:
    """Whether every Chinese font has it: the 6763 characters of GB 2312, and what it calls symbols."""
    try:
        return bool(character.encode("gb2312"))
    except UnicodeEncodeError:
        return character.isspace() or unicodedata.category(character) in ("Mn", "Cf")


def _has_glyph(character: str) -> bool:
    return bool(run(["fc-list", f":charset={ord(character):x}", "family"], timeout=30).stdout.strip())


def _line(exc: BaseException) -> str:
    return re.sub(r"\s+", " ", str(exc)).strip()[:200]
