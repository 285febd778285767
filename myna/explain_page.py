"""The page of `myna build --explain=html`: the source with its heat, and what stayed slow behind each line.

In:  an `explaining.Report`. Out: `page`, one HTML document.
Holds: it is complete in itself, asks no network for anything, follows the reader's choice of light or dark, and can be used without a mouse;
without scripts all findings are shown. Text of the program only ever gets in escaped.
"""
import re
from html import escape
from math import log

from myna.compiler.syntax.tokens import KEYWORDS
from myna.explaining import count_of, groups
from myna.vm.opt.explain import KINDS

MOST_HEAT = 4       # levels that have colours of their own
_TOKEN = re.compile(r"(?P<c>//[^\n]*|/\*.*?\*/)|(?P<s>\"(?:\\.|[^\"\\\n])*\"?)|(?P<n>\b\d[\w.]*)|(?P<w>\b[a-z]\w*\b)", re.S)


def page(report):
    """The document, for a Report."""
    files = [listing for listing in report.sources.listings if listing is not None and listing.source is not None]
    title = escape(report.program.name)
    counts = {}
    for finding in report.findings:
        counts[finding.kind, finding.note] = counts.get((finding.kind, finding.note), 0) + 1
    body = [f"<header><h1>{title}</h1><p>{_headline(report)}</p>{_filters(counts)}</header>", _advice(report),
            *(_file(report, listing) for listing in files)]
    return (f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>{title}: what stayed slow</title><style>{_STYLE}</style></head>\n<body>{''.join(body)}<script>{_SCRIPT}</script></body></html>\n")


def _headline(report):
    slow, notes = len(report.slow), len(report.findings) - len(report.slow)
    said = f"{count_of(slow, 'place')} in loops cost{'s' * (slow == 1)} more than need be" if slow else "Nothing in loops is slower than it needs to be"
    return f"{said}; {count_of(notes, 'note')} on checks, versions and the like. Bars show how deep in loops a line runs; click a marked line."


def _filters(counts):
    """A button for each kind that there is; notes are off at first."""
    buttons = []
    for kind, row in KINDS.items():
        for note in (False, True):
            if (kind, note) in counts:
                buttons.append(f'<button data-filter="{kind}-{int(note)}" aria-pressed="{"false" if note else "true"}" title="{escape(row.doc)}">'
                               f"{row.title}{' (notes)' * note} <b>{counts[kind, note]}</b></button>")
    return f'<nav aria-label="kinds">{"".join(buttons)}<button id="all" aria-pressed="false">open all</button></nav>' if buttons else ""


def _advice(report):
    rows = []
    for cause, findings in report.causes()[:8]:
        lines = sorted({(findings[0].file, report.line(finding)) for finding in findings})
        links = " ".join(f'<a href="#f{file}l{line}">{line}</a>' for file, line in lines[:12])
        rows.append(f"<li>{_prose(cause.help)} <small>{count_of(len(findings), 'place')}: {links}</small></li>")
    return f"<section><h2>What would help most</h2><ol>{''.join(rows)}</ol></section>" if rows else ""


def _file(report, listing):
    number = report.sources.listings.index(listing)
    by_line, most = {}, 1
    for finding in report.findings:
        if finding.file == number:
            by_line.setdefault(report.line(finding), []).append(finding)
    weights = {line: sum(finding.weight for finding in found if not finding.note) for line, found in by_line.items()}
    most = max([1, *weights.values()])
    classes = _classes(listing.source.text)
    rows = []
    for line in range(1, len(listing.starts) + 1):
        found = by_line.get(line, [])
        heat = min(report.heat.get((number, line), 0), MOST_HEAT)
        tint = round(log(1 + weights.get(line, 0)) / log(1 + most), 2)
        rows.append(_row(listing, line, heat, tint, f"f{number}l{line}", found, classes))
    return f"<section><h2>{escape(listing.name)}</h2><div class=code>{''.join(rows)}</div></section>"


def _row(listing, line, heat, tint, name, found, classes):
    marks = f' class="row{" has" if found else ""}" id="{name}"'
    button = f' tabindex=0 role=button aria-expanded=false data-kinds="{" ".join(sorted({_filter(finding) for finding in found}))}"' if found else ""
    code = _code(listing, line, found, classes) or " "
    row = f'<div{marks}{button} style="--t:{tint}"><i>{line}</i><u class=h{heat}></u><code>{code}</code></div>'
    return row + (f"<div class=more>{''.join(map(_card, groups(found)))}</div>" if found else "")


def _filter(finding):
    return f"{finding.kind}-{int(finding.note)}"


def _card(group):
    """Of findings of one kind and cause."""
    finding, messages = group[0], dict.fromkeys(each.message for each in group)
    loops = "in a loop" if finding.level == 1 else f"in {finding.level} loops"
    parts = [f"<b>{'note' if finding.note else 'slow'}: {escape(KINDS[finding.kind].title)}</b> <small>{loops}</small>"]
    parts += [f"<p>{_prose(message)}" for message in messages]
    if finding.why:
        parts.append(f"<p><em>why</em> {_prose(finding.why)}")
    if finding.help:
        parts.append(f"<p class=help><em>help</em> {_prose(finding.help)}")
    return f'<div class="card{" note" if finding.note else ""}" data-kind="{_filter(finding)}">{"".join(parts)}</div>'


def _prose(text):
    """Text with what stands in backquotes as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))


def _classes(text):
    """A class for each character: of a comment, a string, a number, a keyword; or a blank."""
    found, keywords = [" "] * len(text), KEYWORDS["ms"]
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind != "w" or match.group() in keywords:
            found[match.start():match.end()] = kind * (match.end() - match.start())
    return found


def _code(listing, line, found, classes):
    """A line, coloured; what findings are about is underlined."""
    start, text = listing.starts[line - 1], listing.source.line_text(line)
    under = set()
    for finding in found:
        if not finding.note:
            under.update(range(*listing.span(finding.pos)))
    out, at = [], 0
    while at < len(text):
        look = classes[start + at], start + at in under
        end = at
        while end < len(text) and (classes[start + end], start + end in under) == look:
            end += 1
        piece = escape(text[at:end])
        name = " ".join(filter(str.strip, (look[0], "x" if look[1] else "")))
        out.append(f'<span class="{name}">{piece}</span>' if name else piece)
        at = end
    return "".join(out)


_STYLE = """
:root{color-scheme:light dark;--bg:#fff;--fg:#1c2024;--dim:#80868c;--line:#e6e8eb;--card:#f6f7f9;--key:#8250df;--str:#0a7048;--num:#0550ae;--slow:#d9730d;--hot:255,140,0;--ok:#1a7f4b}
@media(prefers-color-scheme:dark){:root{--bg:#15181b;--fg:#dfe3e7;--dim:#7d858d;--line:#2a2f34;--card:#1e2226;--key:#c9a6ff;--str:#7fd1a5;--num:#8cbcff;--slow:#ffab57;--hot:255,150,40;--ok:#6fd19c}}
*{box-sizing:border-box}body{margin:0 auto;max-width:76rem;padding:1.5rem;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.35rem;margin:0}h2{font-size:1rem;margin:1.6rem 0 .5rem}header p{margin:.3rem 0 .8rem;color:var(--dim)}small{color:var(--dim)}
code{font:13px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}ol{margin:0;padding-left:1.4rem}a{color:inherit}
nav{display:flex;flex-wrap:wrap;gap:.4rem}button{font:inherit;font-size:13px;padding:.15rem .65rem;border:1px solid var(--line);border-radius:1rem;background:none;color:var(--dim);cursor:pointer}
button[aria-pressed=true]{background:var(--card);color:var(--fg);border-color:var(--slow)}
.code{border:1px solid var(--line);border-radius:.5rem;overflow-x:auto;padding:.4rem 0}
.row{display:flex;white-space:pre;background:rgba(var(--hot),calc(var(--t)*.26));min-width:max-content}
.row i{width:3.6rem;padding-right:.8rem;text-align:right;color:var(--dim);font:normal 12px/1.7 ui-monospace,monospace;user-select:none}
.row u{width:4px;margin-right:.8rem}.h1{background:rgba(var(--hot),.3)}.h2{background:rgba(var(--hot),.55)}.h3{background:rgba(var(--hot),.8)}.h4{background:#e5484d}
.has{cursor:pointer}.has:hover i,.has[aria-expanded=true] i{color:var(--slow);font-weight:bold}.row:focus-visible,:target{outline:2px solid var(--slow);outline-offset:-2px}
.c{color:var(--dim);font-style:italic}.s{color:var(--str)}.n{color:var(--num)}.w{color:var(--key)}.x{text-decoration:underline wavy var(--slow) 1px;text-underline-offset:3px}
.more{padding:.3rem 1rem .5rem 5.2rem}.card{background:var(--card);border-left:3px solid var(--slow);border-radius:.3rem;padding:.4rem .8rem;margin:.3rem 0;max-width:60rem}
.card.note{border-color:var(--line)}.card p{margin:.1rem 0}em{display:inline-block;width:2.6rem;color:var(--dim);font-style:normal;font-size:13px}.help{color:var(--ok)}[hidden]{display:none}
"""
_SCRIPT = """
const rows=[...document.querySelectorAll('.has')],on=new Set();
const chips=[...document.querySelectorAll('[data-filter]')],all=document.getElementById('all');
const is=(e,name)=>e.getAttribute(name)==='true',pressed='aria-pressed',expanded='aria-expanded';
function open(row,yes){row.setAttribute(expanded,yes);row.nextElementSibling.hidden=!yes}
function filter(){on.clear();for(const c of chips)if(is(c,pressed))on.add(c.dataset.filter);
 for(const row of rows){const any=row.dataset.kinds.split(' ').some(k=>on.has(k));row.classList.toggle('has',any);row.tabIndex=any?0:-1;if(!any)open(row,false);
  for(const card of row.nextElementSibling.children)card.hidden=!on.has(card.dataset.kind)}}
for(const c of chips)c.onclick=()=>{c.setAttribute(pressed,!is(c,pressed));filter()};
if(all)all.onclick=()=>{const yes=!is(all,pressed);all.setAttribute(pressed,yes);for(const row of rows)if(row.classList.contains('has'))open(row,yes)};
for(const row of rows){open(row,false);row.onclick=()=>row.classList.contains('has')&&open(row,!is(row,expanded));
 row.onkeydown=e=>{if(e.key==='Enter'||e.key===' '){e.preventDefault();row.onclick()}}}
addEventListener('keydown',e=>{if(e.key!=='j'&&e.key!=='k')return;const shown=rows.filter(r=>r.classList.contains('has')),at=shown.indexOf(document.activeElement);
 const next=shown[e.key==='j'?at+1:Math.max(at-1,0)];if(next){next.focus();next.scrollIntoView({block:'nearest'})}});
function jump(){const row=document.getElementById(location.hash.slice(1));if(row&&row.classList.contains('has')){open(row,true);row.focus()}}
addEventListener('hashchange',jump);filter();jump();
"""
