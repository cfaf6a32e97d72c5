//! Indentation, space between tokens, and what is aligned in columns.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::token::TokenKind;

use super::Piece;

/// Columns of an indentation level.
const INDENT: usize = 2;

/// A line as three cells; `assign` and `comment` are aligned with those of the lines around.
struct Line {
    /// The indexes of the pieces before the cells; never empty.
    lead: Range<usize>,
    /// From the equals sign, if what follows it ends on the line.
    assign: Range<usize>,
    /// A comment after something else.
    comment: Range<usize>,
}

/// Sets the space before every piece.
pub(super) fn lay_out(pieces: &mut [Piece<'_>]) {
    let lines = lines(pieces);
    indent(pieces, &lines);
    for line in &lines {
        space(&mut pieces[line.lead.clone()]);
        space(&mut pieces[line.assign.clone()]);
    }
    align(pieces, &lines, |line| line.lead.clone(), |line| &line.assign);
    align(pieces, &lines, |line| line.lead.start..line.assign.end, |line| &line.comment);
}

/// The pieces up to the first heredoc, whose content has brackets of its own.
fn before_heredoc<'a, 'b>(pieces: &'b [Piece<'a>]) -> &'b [Piece<'a>] {
    let heredoc = pieces.iter().position(|piece| piece.kind == TokenKind::OpenHeredoc);
    &pieces[..heredoc.unwrap_or(pieces.len())]
}

/// How many more brackets are open after a piece.
fn bracket_change(kind: TokenKind) -> i32 {
    match kind {
        TokenKind::OpenBrace
        | TokenKind::OpenBracket
        | TokenKind::OpenParen
        | TokenKind::OpenInterpolation
        | TokenKind::OpenDirective => 1,
        TokenKind::CloseBrace | TokenKind::CloseBracket | TokenKind::CloseParen | TokenKind::CloseTemplate => -1,
        _ => 0,
    }
}

fn brackets_opened(pieces: &[Piece<'_>]) -> i32 {
    pieces.iter().map(|piece| bracket_change(piece.kind)).sum()
}

/// Splits into lines and cells. A heredoc is part of the line it begins on, as none of its newlines is a token.
fn lines(pieces: &[Piece<'_>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for end in 1..=pieces.len() {
        if pieces[end - 1].ends_line() || end == pieces.len() {
            lines.push(split_cells(pieces, start..end));
            start = end;
        }
    }
    lines
}

fn split_cells(pieces: &[Piece<'_>], mut lead: Range<usize>) -> Line {
    let mut comment = lead.end..lead.end;
    if lead.len() > 1 && pieces[lead.end - 1].kind == TokenKind::Comment {
        lead.end -= 1;
        comment.start = lead.end;
    }
    let mut assign = lead.end..lead.end;
    let first_equal = lead.clone().skip(1).find(|index| pieces[*index].kind == TokenKind::Equal);
    if let Some(equal) = first_equal
        && brackets_opened(&pieces[equal..lead.end]) == 0
    {
        lead.end = equal;
        assign.start = equal;
    }
    Line { lead, assign, comment }
}

/// Sets the space before the first piece of each line by the brackets open there.
///
/// A line that opens several brackets indents by one level, and as many must close to come back. Brackets in a heredoc count from
/// its second line of tokens on, which is where the code in it has line breaks. Those of an `assign` cell cancel out.
fn indent(pieces: &mut [Piece<'_>], lines: &[Line]) {
    let mut levels: Vec<i32> = Vec::new();
    for line in lines {
        let lead = &pieces[line.lead.clone()];
        if lead[0].kind == TokenKind::Newline {
            pieces[line.lead.start].spaces = 0;
            continue;
        }
        let opened = brackets_opened(before_heredoc(lead));
        let mut closed = -opened;
        while closed > 0
            && let Some(level) = levels.pop()
        {
            if closed < level {
                levels.push(level - closed);
            }
            closed -= level;
        }
        pieces[line.lead.start].spaces = INDENT * levels.len();
        if opened > 0 {
            levels.push(opened);
        }
    }
}

/// Sets the space between the pieces of a cell.
fn space(cell: &mut [Piece<'_>]) {
    for index in 1..cell.len() {
        let before = index.checked_sub(2).map(|before| &cell[before]);
        let spaced = is_spaced(before, &cell[index - 1], &cell[index]);
        cell[index].spaces = usize::from(spaced);
    }
}

/// Whether there is a space between two pieces of a cell; `before` is the piece before both.
fn is_spaced(before: Option<&Piece<'_>>, subject: &Piece<'_>, after: &Piece<'_>) -> bool {
    use TokenKind::*;
    let (before, text, after_text) = (before.map(|before| before.kind), &subject.text, &after.text);
    let (subject, after) = (subject.kind, after.kind);
    if after == Newline {
        return false;
    }
    if matches!((subject, after), (Ident, OpenParen) | (Ident, ColonColon) | (ColonColon, Ident)) {
        return false;
    }
    if (before, subject) == (Some(Number), Dot) {
        // Without the space the three would be one number.
        return after == Number || after == Ident && is_exponent(after_text);
    }
    if subject == Dot || after == Dot || matches!(after, Comma | Ellipsis) {
        return false;
    }
    if subject == Comma {
        return true;
    }
    if matches!(subject, QuotedText | TemplateText | OpenQuote | OpenHeredoc)
        || matches!(after, QuotedText | TemplateText | CloseQuote | CloseHeredoc)
    {
        return false;
    }
    if subject == Ident && text == "in" && before == Some(Ident) {
        return true;
    }
    if after == OpenBracket && (matches!(subject, Ident | Number) || bracket_change(subject) < 0) {
        return false;
    }
    match subject {
        Minus => return !before.is_none_or(begins_operand),
        Bang => return false,
        _ => {}
    }
    if subject == OpenBrace || after == CloseBrace {
        return !(subject == OpenBrace && after == CloseBrace);
    }
    match (subject, after) {
        (OpenInterpolation | OpenDirective, OpenBrace) | (CloseBrace, CloseTemplate) => true,
        (CloseTemplate, OpenInterpolation | OpenDirective) => false,
        _ => bracket_change(subject) <= 0 && bracket_change(after) >= 0,
    }
}

/// Whether a name after a number and a dot is taken for its exponent: `e1`.
fn is_exponent(name: &str) -> bool {
    let digits = name.strip_prefix(['e', 'E']).map(|rest| rest.strip_prefix('-').unwrap_or(rest));
    digits.is_some_and(|digits| digits.starts_with(|digit: char| digit.is_ascii_digit()))
}

/// Whether a minus after it negates rather than subtracts.
fn begins_operand(before: TokenKind) -> bool {
    use TokenKind::*;
    matches!(
        before,
        OpenParen
            | OpenBrace
            | OpenBracket
            | Equal
            | Colon
            | Comma
            | Question
            | Plus
            | Star
            | Slash
            | Percent
            | Minus
            | EqualEqual
            | NotEqual
            | Greater
            | GreaterEqual
            | Less
            | LessEqual
            | AndAnd
            | OrOr
            | Bang
    )
}

/// Moves a cell of consecutive lines to the same column, one space after the longest of what is before it.
fn align(
    pieces: &mut [Piece<'_>],
    lines: &[Line],
    before: impl Fn(&Line) -> Range<usize>,
    cell: impl Fn(&Line) -> &Range<usize>,
) {
    for chain in lines.chunk_by(|line, next| cell(line).is_empty() == cell(next).is_empty()) {
        if cell(&chain[0]).is_empty() {
            continue;
        }
        let widths: Vec<usize> = chain.iter().map(|line| columns(&pieces[before(line)])).collect();
        let widest = widths.iter().copied().max().unwrap_or(0);
        for (line, width) in chain.iter().zip(widths) {
            pieces[cell(line).start].spaces = widest - width + 1;
        }
    }
}

/// Columns as Terraform counts them: grapheme clusters, and newlines of heredocs too.
fn columns(pieces: &[Piece<'_>]) -> usize {
    let width =
        |text: &str| if text.is_ascii() && !text.contains('\r') { text.len() } else { text.graphemes(true).count() };
    pieces.iter().map(|piece| piece.spaces + width(&piece.text) + usize::from(splits_newline(&piece.text))).sum()
}

/// Whether a lone `$` or `%` is before a newline of two characters, which then count as two columns.
fn splits_newline(text: &str) -> bool {
    let is_sign = |char: &char| matches!(char, '$' | '%');
    let before_newline = text.strip_suffix("\r\n").unwrap_or_default();
    let mut last = before_newline.chars().rev();
    last.next().as_ref().is_some_and(is_sign) && !last.next().as_ref().is_some_and(is_sign)
}
