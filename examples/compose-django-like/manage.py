#!/bin/sh
# Stands in for Django's manage.py, so that the example needs no package index.
set -e
case ${1:-} in
  runserver) exec httpd -f -p 8000 ;;
  check) echo "System check identified no issues (0 silenced)." ;;
  migrate)
    echo "Connected to $(wget -q -O - "$DATABASE_URL/version")"
    echo "  Applying shop.0001_initial... OK"
    ;;
  loaddata) echo "Installed $(grep -c '"model"') object(s)" ;;
  dumpdata)
    echo '{"model": "shop.item"}' >uploads/items.json
    echo "Wrote uploads/items.json"
    ;;
  *)
    echo "Unknown command: ${1:-none}" >&2
    exit 2
    ;;
esac
