"""One tag for every sentence of a page: ``{% say "home.title" %}``."""

from django import template

from portal.texts import say

register = template.Library()
register.simple_tag(say, name="say")
