"""Counts the words of a text in Markdown."""

from markdown_it import MarkdownIt


def words(text: str) -> int:
    return sum(len(each.content.split()) for each in MarkdownIt().parse(text) if each.type == "inline")
