"""The HTTP door: `connection` speaks HTTP/1.1 through h11, `checks` refuses, `app` routes and answers."""
