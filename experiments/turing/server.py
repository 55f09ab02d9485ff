"""The study's web server: pages, pictures, and answers; and the summary for the admin.

A participant's link is all that tells who they are. Nothing that is sent says which picture is
real: the two of a pair have random names, and equal headers and lengths.
"""

import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import jinja2
from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi import Path as InPath
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from experiments.turing import outputs
from experiments.turing.preparation import admin_token, check_whole
from experiments.turing.showing import OutOfTurn, TimeIsOver
from experiments.turing.study import Study, UnknownParticipant
from experiments.turing.summary import summary_of
from polychrome.errors import InputError

MAX_BODY = 4096  # bytes; an answer has about 110
# Milliseconds of an answer: a tab may be left open for days, and no browser counts further exactly.
_LONGEST = 2**53 - 1
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'; "
        "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # Links hold tokens; they should not travel to other sites, nor stay in shared caches.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_NO_STORE = {"Cache-Control": "no-store"}
# The same for both pictures of a pair, and no time of change or hash of the file. A proxy that
# compressed them would make lengths that tell which is real; "no-transform" asks it not to.
_PICTURE_HEADERS = {"Cache-Control": "private, max-age=86400, immutable, no-transform"}
# With a time limit no copy stays behind that could be looked at later.
_TIMED_HEADERS = {"Cache-Control": "no-store, no-transform", "Vary": "Sec-Fetch-Dest"}

Token = Annotated[str, InPath(pattern=r"^[A-Za-z0-9_-]{32}$")]
Name = Annotated[str, InPath(pattern=r"^[0-9a-f]{24}$")]
# Drawn by a page when it is loaded, so that windows and reloads are told apart.
Page = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class Consent(BaseModel):
    """What a participant sends to begin."""

    model_config = ConfigDict(extra="forbid", strict=True)
    consent: Literal[True]


class Shown(BaseModel):
    """What a page sends to show the next pair."""

    model_config = ConfigDict(extra="forbid", strict=True)
    page: Page


class Answer(BaseModel):
    """What a participant sends for a pair."""

    model_config = ConfigDict(extra="forbid", strict=True)
    trial: int = Field(ge=0, le=100_000)
    picked: Literal["left", "right"]
    milliseconds: int = Field(ge=0, le=_LONGEST)
    page: Page


class Guard:
    """Refuses requests with long bodies, and adds headers to every response."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(k.lower().encode(), v.encode()) for k, v in _HEADERS.items()]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        # Read here, so that a body without a stated length has a limit too.
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] != "http.request":  # gone
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > MAX_BODY:
                await Response("too long", 413, _NO_STORE)(scope, receive, sending)
                return
        given = False

        async def replay() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, sending)


def create_app(study: Study, token: str, contact: str = "") -> FastAPI:
    """The application that serves a study.

    Args:
        study: with people and pictures.
        token: of the admin, opens `/summary`.
        contact: whom participants ask and send their links to; "": the one in the study's settings.

    Raises:
        InputError: the study is simulated, or nobody can be asked.
    """
    _refuse_simulated(study)
    contact = contact or study.settings.contact
    if not contact.strip():
        raise InputError(
            f"{study.folder}: names nobody to whom participants can turn to have their answers "
            'deleted; give --contact "NAME, ADDRESS"'
        )
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard)
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader(outputs.BROWSER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )

    def page(name: str, status: int = 200) -> HTMLResponse:
        total = len(study.systems) * study.settings.pairs + study.settings.checks
        text = pages.get_template(name).render(
            total=total, time_limit=study.settings.time_limit, contact=contact
        )
        return HTMLResponse(text, status, _NO_STORE)

    _add_participants(app, study, page)
    _add_admin(app, study, token)
    app.mount("/static", StaticFiles(directory=outputs.BROWSER))

    @app.exception_handler(UnknownParticipant)
    def unknown(request: Request, _: UnknownParticipant) -> Response:
        return _said("unknown link", 404)

    @app.exception_handler(TimeIsOver)
    def over(request: Request, _: TimeIsOver) -> Response:
        return _said("the time for this pair is up", 410)

    # The framework's own answer repeats the input, and fails on some.
    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        places = {".".join(map(str, each["loc"])): each["msg"] for each in error.errors()}
        return _said("; ".join(f"{place}: {text}" for place, text in places.items()), 422)

    @app.exception_handler(OutOfTurn)
    def out_of_turn(request: Request, error: OutOfTurn) -> Response:
        return _said(str(error), 409)

    return app


def _add_participants(app: FastAPI, study: Study, page: Callable[..., HTMLResponse]) -> None:
    @app.api_route("/", methods=["GET", "HEAD"])
    def start() -> Response:
        return page("start.html.j2")

    @app.post("/participants", status_code=201)
    def enroll(consent: Consent, response: Response) -> dict[str, str]:
        response.headers.update(_NO_STORE)
        return {"link": f"/s/{study.enroll()}"}

    @app.api_route("/s/{token}", methods=["GET", "HEAD"])
    def pairs(token: str) -> Response:
        return page("study.html.j2") if study.has(token) else page("unknown.html.j2", 404)

    @app.get("/s/{token}/state")
    def state(token: Token, response: Response) -> dict[str, Any]:
        response.headers.update(_NO_STORE)
        return study.state(token)

    @app.post("/s/{token}/showings")
    def show(token: Token, shown: Shown, response: Response) -> dict[str, Any]:
        response.headers.update(_NO_STORE)
        return study.state(token, page=shown.page)

    @app.post("/s/{token}/answers")
    def answer(token: Token, given: Answer, response: Response) -> dict[str, Any]:
        response.headers.update(_NO_STORE)
        return study.answer(token, given.trial, given.picked, given.milliseconds, given.page)

    @app.get("/s/{token}/{name}.png")
    def picture(request: Request, token: Token, name: Name) -> Response:
        timed = study.settings.time_limit is not None
        # In a tab of its own it would stay after its time. Browsers say what they ask for.
        if timed and request.headers.get("sec-fetch-dest", "image") != "image":
            return _said("pictures are shown by the study's page only", 403)
        try:
            file = study.picture(token, name).read_bytes()
        except OSError:
            return _said("a picture of the study can't be read", 500)
        headers = _TIMED_HEADERS if timed else _PICTURE_HEADERS
        return Response(file, media_type="image/png", headers=headers)


def _add_admin(app: FastAPI, study: Study, expected: str) -> None:
    def admin(request: Request, token: Annotated[str, Query(max_length=200)] = "") -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        given = given if scheme.lower() == "bearer" else token
        if not secrets.compare_digest(given.encode(), expected.encode()):
            raise HTTPException(403, "the summary needs the admin's token", _NO_STORE)

    allowed = [Depends(admin)]

    @app.get("/summary", dependencies=allowed)
    def summary(token: str = "") -> Response:
        text = outputs.as_page(summary_of(study), f"?token={token}" if token else "")
        return HTMLResponse(text, headers=_NO_STORE)

    @app.get("/summary.json", dependencies=allowed)
    def summary_json() -> Response:
        text = outputs.as_json(summary_of(study))
        return Response(text, media_type="application/json", headers=_NO_STORE)

    @app.get("/answers.csv", dependencies=allowed)
    def answers() -> Response:
        headers = {**_NO_STORE, "Content-Disposition": 'attachment; filename="answers.csv"'}
        return Response(outputs.answers_csv(study), media_type="text/csv", headers=headers)


def _refuse_simulated(study: Study) -> None:
    if study.settings.simulated:
        raise InputError(
            "this study is simulated, so nobody can take part; `summary` shows what it found"
        )


def _said(text: str, status: int) -> Response:
    return Response(json.dumps({"detail": text}), status, _NO_STORE, "application/json")


def serve(
    folder: Path, host: str, port: int, tell: Callable[[str], None], contact: str = ""
) -> None:
    """Serve a study until interrupted.

    Args:
        folder: of the study.
        host, port: where to listen; port 0 takes a free one.
        tell: called with one line for participants' link and one for the admin's.
        contact: as for `create_app`.

    Raises:
        InputError: there is no study with people, or nobody can be asked, or its files are damaged,
            or the address can't be listened at.
    """
    import errno
    import socket

    import uvicorn

    study = Study.open(folder)
    try:
        _refuse_simulated(study)
        check_whole(study)
        token = admin_token(folder)
        app = create_app(study, token, contact)
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            listener = socket.create_server((host, port), family=family, backlog=1024)
        except OSError as error:
            of_port = error.errno in (errno.EADDRINUSE, errno.EACCES)
            raise InputError(
                f"cannot listen at {host}, port {port}: {error.strerror or error}; "
                f"choose another with {'--port' if of_port else '--host'}"
            ) from error
        with listener:
            name = f"[{host}]" if family == socket.AF_INET6 else host
            place = f"http://{name}:{listener.getsockname()[1]}"
            tell(f"for participants: {place}/")
            tell(f"summary: {place}/summary?token={token}")
            # Paths hold tokens, so they are not logged. People look at a pair for longer than the
            # five seconds that a connection is kept by default.
            config = uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_keep_alive=75,
            )
            uvicorn.Server(config).run(sockets=[listener])
    finally:
        study.close()
