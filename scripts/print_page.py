"""Make a page to print (HTML and PDF, A4, black on white) of one of the documents.

Usage: print_page.py DOCUMENT [FOLDER]   writes FOLDER/DOCUMENT's name.html and .pdf, FOLDER is build/print unless given
"""

from __future__ import annotations

import argparse
import html
import re
import sys
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "module_utils"))

from exam_room.errors import ExamError  # noqa: E402
from exam_room.papers import pdf  # noqa: E402

_PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
@page {{ size: A4 portrait; margin: 11mm 13mm; }}
body {{ font-family: "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", SimSun, sans-serif;
  color: #000; background: #fff; margin: 0 auto; max-width: 184mm; font-size: 9.5pt; line-height: 1.35; }}
h1 {{ font-size: 16pt; margin: 0 0 1.5mm; }}
h2 {{ font-size: 11.5pt; margin: 2.5mm 0 1mm; border-bottom: 0.3mm solid #000; }}
p, ul, ol, pre {{ margin: 1mm 0; }}
ul, ol {{ padding-left: 6mm; }}
pre {{ border: 0.3mm solid #000; padding: 1mm 2mm; white-space: pre-wrap; overflow-wrap: anywhere; }}
code {{ font-family: Consolas, "DejaVu Sans Mono", monospace; font-size: 9pt; }}
table {{ border-collapse: collapse; width: 100%; margin: 1mm 0; }}
th, td {{ border: 0.3mm solid #000; padding: 1mm 1.5mm; text-align: left; }}
/* High enough to write in by hand. */
td {{ height: 6.5mm; }}
td:last-child, th:last-child {{ min-width: 25mm; }}
h2, pre, tr {{ break-inside: avoid; }}
</style>
</head>
<body>
{body}</body>
</html>
"""


def page(markdown: str, language: str) -> str:
    """The document as one HTML page; links become plain words, for paper cannot follow them."""
    title = re.search(r"^# (.+)$", markdown, re.MULTILINE)
    # What leads to the other language is of no use on paper.
    alone = re.sub(r" ?\[(?:English|中文)\]\([^)]*\)", "", markdown)
    plain = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", alone)
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(plain)
    return _PAGE.format(language=language, title=html.escape(title[1] if title else ""), body=body)


def main() -> int:
    parser = argparse.ArgumentParser(description="Make a page to print of a document")
    parser.add_argument("document", type=Path)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "build" / "print")
    options = parser.parse_args()
    language = "zh-CN" if ".zh-CN." in options.document.name else "en"
    target = options.folder / f"{options.document.stem}.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    printed = page(options.document.read_text(encoding="utf-8"), language).encode()
    target.write_bytes(printed)
    print(target)
    try:
        target.with_suffix(".pdf").write_bytes(pdf.make([printed]))
    except ExamError as error:
        # What lies there is of an earlier text; the page just written does as well, from a browser.
        target.with_suffix(".pdf").unlink(missing_ok=True)
        print(error, file=sys.stderr)
        return 0
    print(target.with_suffix(".pdf"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
