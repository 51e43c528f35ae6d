"""The ASGI application: Starlette routes and middleware, and an extension of uvicorn's HTTP protocol."""
