"""Templates that try to get out of the sandbox: at secrets, files, programs, or all the time and memory there is."""

from __future__ import annotations

#: What none of them may bring to light, and where it lies: the environment, a file, our own memory.
SECRET = "s3cr3t-of-the-house-7f41"

#: What would show that one of them has come to something else than the mail's own words.
LEAKS = (SECRET, "<class ", "<function ", "<module ", "<bound method", " object at 0x", "environ(")

#: They go through values that every template knows; `{file}` is a file that holds SECRET.
ATTEMPTS: tuple[str, ...] = (
    # by way of classes
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__']['__mro__'][1]['__subclasses__']() }}",
    "{{ ''|attr('__class__')|attr('__mro__') }}",
    "{{ ''|attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
    "{{ ''|attr('_' ~ '_class_' ~ '_') }}",
    "{{ [''] | map(attribute='__class__') | list }}",
    "{{ [words] | map(attribute='__init__.__globals__') | list }}",
    "{{ [words] | groupby('__class__') }}",
    "{{ dict.__base__.__subclasses__() }}",
    "{{ words.__class__.__init__.__globals__ }}",
    "{{ words.say.__func__.__globals__ }}",
    "{{ words.say.__globals__ }}",
    "{{ words.__reduce_ex__(2) }}",
    # by way of what Jinja2 itself brings
    "{{ cycler.__init__.__globals__.os.environ }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ lipsum.__globals__['os'].popen('env').read() }}",
    "{{ range.__self__ }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ self._TemplateReference__context.environment.loader }}",
    "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
    "{% for x in [1] %}{{ loop.__class__._iterator }}{{ loop._undefined }}{% endfor %}",
    "{% import '_parts/stories.mjml' as part with context %}{{ part.__dict__ }}",
    "{% set x = namespace() %}{% set x.__class__ = words %}{{ x }}",
    "{{ nowhere.__class__.__init__.__globals__ }}",
    "{{ url_for.__globals__ }}{{ get_flashed_messages.__globals__ }}{{ config }}",
    # by way of formats
    "{{ '{0.__class__.__init__.__globals__}'.format(words) }}",
    "{{ '{w.zone.__class__}'.format_map({'w': words}) }}",
    "{{ '%s' | format(words.__dict__) }}",
    "{{ ('{0.locale.__init__.__globals__}' | e).format(words) }}",
    # at files and programs
    "{% include '{file}' %}",
    "{% include '../../../../../../../..{file}' %}",
    "{% include 'shipped/../../../.env' %}",
    "{% extends '{file}' %}",
    "{% import '/proc/self/environ' as x %}",
    "{{ words.locale.parse.__func__.__globals__['os'].environ }}",
    "{{ words.zone.from_file }}{{ words.zone.key.__class__ }}",
    "{{ content.window.start.tzinfo.__class__ }}",
    # at values that all mails share
    "{{ newsletter.update({'name': 'x'}) }}{{ newsletter.clear() }}",
    "{{ words.words.pop('read') }}",
    # at time and memory
    "{{ 'x' * 9999999999 }}",
    "{{ 9 ** (9 ** 9) }}",
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{{ '%9999999999d' | format(1) }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% set x = namespace(y='x') %}{% for a in range(60) %}{% set x.y = x.y ~ x.y %}{% endfor %}",
)
