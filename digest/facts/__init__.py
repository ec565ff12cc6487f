"""The fact gate: does every name, number, date, quotation and negation of a summary stand in its source?

Rules, no model: what cannot be shown to stand there is a doubt, so a true sentence may be doubted, but what was
made up has to hide in plain words. `gate.check` is the door. English is read well; other languages with
spaces by the same rules and their own months and number words; scripts without capitals word by word.
"""
