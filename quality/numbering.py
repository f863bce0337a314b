"""The numbers that countries give to persons and to firms, and the modules of stdnum for them."""

from __future__ import annotations

NATIONAL_IDS = {
    **{"AR": "dni", "AT": "vnr", "AU": "tfn", "BE": "nn", "BG": "egn", "BR": "cpf", "CA": "sin"},
    **{"CH": "ssn", "CL": "rut", "CN": "ric", "CU": "ni", "CZ": "rc", "DE": "idnr", "DK": "cpr"},
    **{"DO": "cedula", "EC": "ci", "EE": "ik", "ES": "dni nie", "FI": "hetu", "FR": "nir nif"},
    **{"GR": "amka", "HR": "oib", "ID": "nik", "IE": "pps", "IL": "idnr", "IN": "aadhaar"},
    **{"IS": "kennitala", "IT": "codicefiscale", "KR": "rrn", "LT": "asmens", "MU": "nid"},
    **{"MX": "curp", "MY": "nric", "NL": "bsn", "NO": "fodselsnummer", "PE": "cui"},
    **{"PK": "cnic", "PL": "pesel", "PT": "cc", "RO": "cnp", "SE": "personnummer", "SI": "emso"},
    **{"SK": "rc", "TH": "pin", "TR": "tckimlik", "UA": "rntrc", "US": "ssn itin", "ZA": "idnr"},
}
"""The numbers of persons, by country: the modules of stdnum that know them."""
VAT_NUMBERS = {
    **{"AD": "nrt", "AL": "nipt", "AR": "cuit", "AT": "uid", "AU": "abn", "AZ": "voen"},
    **{"BE": "vat", "BG": "vat", "BR": "cnpj", "BY": "unp", "CA": "bn", "CH": "vat", "CL": "rut"},
    **{"CN": "uscc", "CO": "nit", "CR": "cpj", "CY": "vat", "CZ": "dic", "DE": "vat"},
    **{"DK": "cvr", "DO": "rnc", "DZ": "nif", "EC": "ruc", "EE": "kmkr", "EG": "tn", "ES": "nif"},
    **{"FI": "alv", "FO": "vn", "FR": "tva", "GB": "vat", "GH": "tin", "GN": "nifp", "GR": "vat"},
    **{"GT": "nit", "HR": "oib", "HU": "anum", "ID": "npwp", "IE": "vat", "IL": "hp"},
    **{"IN": "gstin", "IS": "vsk", "IT": "iva", "JP": "cn", "KE": "pin", "KR": "brn"},
    **{"LT": "pvm", "LU": "tva", "LV": "pvn", "MA": "ice", "MC": "tva", "ME": "pib"},
    **{"MK": "edb", "MT": "vat", "MX": "rfc", "MZ": "nuit", "NL": "btw", "NO": "mva"},
    **{"NZ": "ird", "PE": "ruc", "PL": "nip", "PT": "nif", "PY": "ruc", "RO": "cf", "RS": "pib"},
    **{"RU": "inn", "SE": "vat", "SI": "ddv", "SK": "dph", "SM": "coe", "SN": "ninea"},
    **{"SV": "nit", "TH": "moa", "TN": "mf", "TR": "vkn", "TW": "ubn", "UY": "rut"},
    **{"VE": "rif", "VN": "mst", "ZA": "tin"},
}
"""The numbers under which firms pay tax, by country: the modules of stdnum that know them."""
