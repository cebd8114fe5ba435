#!/bin/sh
# Posts one notification of Icinga 2 or Nagios to statusbridge. Needs jq and curl.
#
# STATUSBRIDGE_URL    address of the source, such as https://bridge.example.com/hooks/icinga
# STATUSBRIDGE_TOKEN  file with the bearer token of the source
# The other variables are set by the notification command; SERVICE is empty for a host.
set -eu

jq --null-input \
  --arg type "${NOTIFICATION_TYPE:-}" --arg host "${HOST:-}" --arg service "${SERVICE:-}" \
  --arg hostdisplay "${HOST_DISPLAY:-}" --arg servicedisplay "${SERVICE_DISPLAY:-}" \
  --arg address "${ADDRESS:-}" --arg state "${STATE:-}" --arg datetime "${DATETIME:-}" \
  --arg message "${MESSAGE:-}" --arg author "${AUTHOR:-}" --arg comment "${COMMENT:-}" \
  '{notification_type: $type, host: $host, service: $service, hostdisplay: $hostdisplay,
    servicedisplay: $servicedisplay, address: $address, state: $state, datetime: $datetime,
    message: $message, author: $author, comment: $comment}' |
  curl --fail --silent --show-error --max-time 10 --retry 3 \
    --header "Authorization: Bearer $(cat "$STATUSBRIDGE_TOKEN")" \
    --header 'Content-Type: application/json' --data-binary @- "$STATUSBRIDGE_URL"
