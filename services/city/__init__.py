"""The city pack: agencies, duties, services, places and settings of one city, as data."""

from services.city.check import check
from services.city.load import InvalidCityPack, load
from services.city.pack import Agency, CityPack, Department, Service

__all__ = ["Agency", "CityPack", "Department", "InvalidCityPack", "Service", "check", "load"]
