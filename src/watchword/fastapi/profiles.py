"""The application's own profile fields: its Pydantic model as part of our bodies and answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from watchword.core.account_errors import InvalidInput
from watchword.fastapi.problem_route import field_errors
from watchword.fastapi.schemas import ChangeBody, NewUserBody, SignUpBody, UserAnswer

ProfileModel = type[BaseModel]


@dataclass(frozen=True)
class AccountModels:
    """The bodies and the answer of account routes, with the profile's own type in them.

    Without a profile model the bodies have no member `profile`, so sending one is an error, and answers hold `{}`.
    """

    profile: ProfileModel | None
    sign_up: type[SignUpBody]
    change: type[ChangeBody]
    new_user: type[NewUserBody]
    user: type[UserAnswer]


def account_models(profile: ProfileModel | None) -> AccountModels:
    """Return the models for this profile model, or for none."""
    if profile is None:
        return AccountModels(None, SignUpBody, ChangeBody, NewUserBody, UserAnswer)
    whole: Any = _whole(profile)
    changes: Any = (_partial(profile), Field(default=None, validate_default=False))
    return AccountModels(
        profile,
        create_model("SignUpBody", __base__=SignUpBody, profile=whole),
        create_model("ChangeBody", __base__=ChangeBody, profile=changes),
        create_model("NewUserBody", __base__=NewUserBody, profile=whole),
        create_model("UserAnswer", __base__=UserAnswer, profile=(profile, ...)),
    )


def _whole(profile: ProfileModel) -> tuple[Any, Any]:
    """The profile as a member: it may be left out where none of its fields is required."""
    required = any(field.is_required() for field in profile.model_fields.values())
    return (profile, ...) if required else (profile, Field(default_factory=profile))


def _partial(profile: ProfileModel) -> ProfileModel:
    """Return a model with the same fields, each of which may be left out."""
    fields: dict[str, Any] = {}
    for name, field in profile.model_fields.items():
        parts = field.asdict()
        annotation, metadata = parts["annotation"], parts["metadata"]
        attributes = {key: value for key, value in parts["attributes"].items() if not key.startswith("default")}
        fields[name] = (Annotated[annotation, *metadata, Field(**attributes)], None)
    return create_model(f"{profile.__name__}Change", __config__=ConfigDict(extra="forbid"), **fields)


def sent_profile(body: BaseModel) -> dict[str, Any]:
    """Return the profile of a body as JSON members, only those that were sent or have a default.

    Raises:
        InvalidInput: if it holds a number that JSON has not.
    """
    profile: BaseModel | None = getattr(body, "profile", None)
    return {} if profile is None else _members(profile)


def _members(profile: BaseModel) -> dict[str, Any]:
    """Return a profile as JSON members. Pydantic takes the text "nan" for a number, and no store does."""
    members = profile.model_dump(mode="json", by_alias=True)
    try:
        json.dumps(members, allow_nan=False)
    except ValueError:
        raise InvalidInput(errors=(("profile", "A number must be finite."),)) from None
    return members


def has_profile(body: BaseModel) -> bool:
    """Whether a body holds a profile that was sent."""
    return getattr(body, "profile", None) is not None


def merged_profile(stored: Mapping[str, Any], body: ChangeBody, profile: ProfileModel | None) -> dict[str, Any]:
    """Return the stored profile with the sent members in it, checked as a whole by the profile's model.

    A member that holds an object is replaced, not merged into.

    Raises:
        InvalidInput: if the whole breaks a rule of the model, or holds a number that JSON has not.
    """
    sent: BaseModel | None = getattr(body, "profile", None)
    if sent is None or profile is None:
        return dict(stored)
    merged = {**stored, **sent.model_dump(mode="json", by_alias=True, exclude_unset=True)}
    try:
        return _members(profile.model_validate(merged))
    except ValidationError as error:
        raise InvalidInput(errors=field_errors(error.errors(), under="profile")) from None


def shown_profile(stored: Mapping[str, Any], profile: ProfileModel | None) -> dict[str, Any]:
    """Return the profile to show. One stored under an older model, which today's does not take, is shown as it is."""
    if profile is None:
        return {}
    try:
        return profile.model_validate(dict(stored)).model_dump(mode="json", by_alias=True)
    except ValidationError:
        return dict(stored)
