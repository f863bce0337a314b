"""Queries of contracts over other datasets: linted, ordered and judged in whole runs."""

from flows.linting import lint
from flows.run import run

CUSTOMERS = """
dataset: zustomers
files: customers*.csv
columns:
  - {name: code}
  - {name: limit, type: integer}
  - {name: closed, type: date, required: false}
"""
ORDERS = """
dataset: orders
files: "orders*.csv"
gate: none
columns:
  - {name: id, type: integer}
  - {name: customer, checks: [{foreign_key: {to: zustomers.code, ref_where: closed IS NULL}}]}
  - {name: amount, type: integer}
checks:
  - sql:
      name: within the limit
      query: |
        SELECT id FROM this t JOIN zustomers z ON z.code = t.customer  -- each by itself
        WHERE t.amount > z.limit
  - sql_value: {query: "SELECT count(*) FROM zustomers", min: 1, name: customers}
"""


def test_a_query_reads_other_datasets_which_are_loaded_first(make_project):
    project = make_project(
        {
            "orders.yaml": ORDERS,
            "customers.yaml": CUSTOMERS,
            "customers.csv": "code,limit,closed\na,10,\nb,20,2012-01-01\n",
            "orders.csv": "id,customer,amount\n1,a,10\n2,a,11\n3,b,5\n",
        }
    )
    assert lint(project.contracts) == []
    customers, orders = run(project).loads

    assert customers.dataset == "zustomers"
    assert (orders.loaded, orders.quarantined) == (1, 2)


def test_what_other_datasets_do_not_have_is_told_before_any_file_comes(make_project):
    wrong = (
        ORDERS.replace("z.limit", "z.limits")
        .replace("closed IS NULL", "shut IS NULL")
        .replace("count(*) FROM zustomers", "count(*) FROM customers")
    )
    project = make_project({"orders.yaml": wrong, "customers.yaml": CUSTOMERS})
    told = "\n".join(lint(project.contracts / "orders.yaml"))

    assert "orders.yaml:7 foreign_key(customer): there is no column 'shut' in zustomers" in told
    assert "orders.yaml:10 within the limit: " in told
    assert '"limits"' in told
    assert "orders.yaml:15 checks[1].sql_value.query: there is no dataset 'customers'" in told
