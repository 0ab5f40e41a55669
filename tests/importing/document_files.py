"""DOCX and PDF files of a few bytes, as tests read them."""

import io
import zipfile
import zlib

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HIDDEN = "a secret of the comments"


def docx(body: str, **parts: bytes) -> bytes:
    """Return a DOCX file with a body, a footnote and a comment, and other parts."""
    types = f"""<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>
        <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>"""
    relation = '<Relationship Id="{0}" Type="' + OFFICE + '/{0}" Target="{1}"/>'
    files = {
        "[Content_Types].xml": types,
        "_rels/.rels": relation.format("officeDocument", "word/document.xml"),
        "word/_rels/document.xml.rels": "".join(
            relation.format(each, f"{each}.xml") for each in ("footnotes", "comments")
        ),
        "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
        "word/footnotes.xml": f'<w:footnotes {W}><w:footnote w:id="2"><w:p>{run("Hors mobilités.")}</w:p></w:footnote></w:footnotes>',
        "word/comments.xml": f'<w:comments {W}><w:comment w:id="0"><w:p>{run(HIDDEN)}</w:p></w:comment></w:comments>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            rels = f'<Relationships xmlns="{PACKAGE}/relationships">{text}</Relationships>'
            archive.writestr(name, rels if name.endswith(".rels") else text)
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", content)
    return file.getvalue()


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def pdf(*pages: str, repeated: int = 1, zipped: bytes = b"") -> bytes:
    """Return a PDF whose pages have these lines of text, each page several times; or are drawn by `zipped`."""
    count = len(pages) * repeated
    lines = ["".join(f"({line}) Tj 0 -14 Td " for line in page.split("\n") if line) for page in pages]
    streams = [zipped or zlib.compress(f"BT /F 12 Tf 50 700 Td {line} ET".encode("cp1252")) for line in lines]
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(len(pages))) + " "
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {count} /Kids [{kids * repeated}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for place, stream in enumerate(streams):
        page = "/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >>"
        objects.append(f"<< {page} /Contents {5 + 2 * place} 0 R >>".encode())
        objects.append(b"<< /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream))
    file = bytearray(b"%PDF-1.4\n")
    table = b"0000000000 65535 f \n"
    for number, content in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(file)
        file += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    size = len(objects) + 1
    trailer = b"xref\n0 %d\n%btrailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(file) + trailer % (size, table, size, len(file))
