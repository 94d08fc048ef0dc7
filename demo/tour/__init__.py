"""The guided tour: the whole product walked through by itself, each step judged by what was stored."""
