"""What a mail is made with: clean text, words and dates of a language, MJML, plain text, slots."""
