"""Design tokens, and everything made from them: colours, sizes, fonts, one style sheet."""
