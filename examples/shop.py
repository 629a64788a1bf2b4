"""A shop: the application's own profile fields, sign-up and login, products for everyone, orders of one's own.

    uvicorn examples.shop:app

The shop's code knows nothing of passwords or tokens: it reads `CurrentUser` and its own `Customer`.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, FastAPI, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from watchword import Auth, CurrentPrincipal, CurrentUser, Principal, UserSignedUp, public, requires


class Customer(BaseModel):
    """What the shop wants to know of a person. Sign-up asks for it and `/auth/me` shows it; nothing else is taken."""

    model_config = ConfigDict(extra="forbid")

    display_name: Annotated[str, Field(min_length=1, max_length=80)]
    city: Annotated[str, Field(max_length=80)] = ""
    newsletter: bool = False


class Product(BaseModel):
    """Something to buy. Prices are in cents."""

    id: int
    name: str
    price: int


class NewOrder(BaseModel):
    """What a customer asks for."""

    product: int
    quantity: Annotated[int, Field(ge=1, le=100)] = 1


class Order(BaseModel):
    """What a customer bought."""

    product: Product
    quantity: int
    total: int


PRODUCTS = {1: Product(id=1, name="Lantern", price=2500), 2: Product(id=2, name="Compass", price=1900)}


@dataclass
class Shop:
    """The shop's own data, kept in memory to keep the example short; people are known by their account id."""

    orders: defaultdict[str, list[Order]] = field(default_factory=lambda: defaultdict(list))
    vouchers: dict[str, str] = field(default_factory=dict)


router = APIRouter()


def shop_of(request: Request) -> Shop:
    """Return the data of the application that this request came to."""
    shop: Shop = request.app.state.shop
    return shop


@router.get("/products")
@public
async def products() -> list[Product]:
    """List the products. Anyone may look."""
    return list(PRODUCTS.values())


@router.get("/orders")
async def list_orders(request: Request, who: CurrentPrincipal) -> list[Order]:
    """List one's own orders. The token says who that is, so the account is not read."""
    return shop_of(request).orders[who.subject]


@router.post("/orders", status_code=201)
async def order(request: Request, who: Annotated[Principal, requires(scopes="orders")], wanted: NewOrder) -> Order:
    """Buy something; needs the scope `orders`, which a login has unless it asks for less."""
    product = PRODUCTS.get(wanted.product)
    if product is None:
        raise HTTPException(404, "There is no such product.")
    placed = Order(product=product, quantity=wanted.quantity, total=product.price * wanted.quantity)
    shop_of(request).orders[who.subject].append(placed)
    return placed


def create_app(auth: Auth[Customer]) -> FastAPI:
    """Make the shop around an `Auth`, so that tests can bring one with a clock and a store of their own."""
    app = FastAPI(title="Shop")
    app.state.shop = shop = Shop()
    auth.install(app)
    app.include_router(router)

    @auth.on(UserSignedUp)
    async def welcome(event: UserSignedUp) -> None:
        shop.vouchers[event.user_id] = "WELCOME-10"

    @app.get("/card")
    async def card(user: CurrentUser) -> dict[str, str | None]:
        customer = auth.profile_of(user)
        return {"name": customer.display_name, "city": customer.city, "voucher": shop.vouchers.get(user.id)}

    return app


ORDERS = {"orders": "Place orders"}

app = create_app(Auth(profile=Customer, scopes=ORDERS, default_scopes=["orders"]))
