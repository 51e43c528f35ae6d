"""The ASGI application: routes and middleware of Starlette, and what the daemon adds to uvicorn's HTTP protocol."""
