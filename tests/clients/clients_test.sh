#!/bin/sh
# tests/clients/clients_test.sh - the clients that people use, on a real server.
#
#     clients_test.sh CHAT             starts CHAT with two reactors
#     clients_test.sh --connect PORT   uses the IRC server at 127.0.0.1:PORT
#
# irssi, WeeChat and a person typing IRC into netcat sit in one channel and must
# see each other's join, message, topic, nick change, part and quit. Four more
# netcats only watch: with seven connections hardly ever all on one reactor, what
# they all see has crossed between reactors.
#
# Every client runs in a window of a private tmux. The test waits for words on
# screens, never for time; when they do not come it shows all screens.
set -eu

patience=60 # seconds for one thing to appear; reached only on failure
watchers="w1 w2 w3 w4"
everyone="irssi weechat nc $watchers"

# Short, since it holds a Unix socket: $TEST_TMPDIR may be too long for one.
dir=$(mktemp -d /tmp/clients.XXXXXX)
server=
export LC_ALL=C.UTF-8 HOME="$dir" TERM=screen
unset TMUX

in_tmux() {
    tmux -S "$dir/tmux" -f /dev/null "$@"
}

clean_up() {
    in_tmux kill-server 2>/dev/null || true
    [ -z "$server" ] || kill -KILL "$server" 2>/dev/null || true
    rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# screen WINDOW: all that it shows and has shown.
screen() {
    in_tmux capture-pane -p -J -S - -t "test:$1" 2>/dev/null |
        sed -e 's/[[:space:]]*$//' -e '/^$/d'
}

fail() {
    printf '\nFAILED: %s\n' "$1"
    for window in $everyone; do
        printf '\n===== %s =====\n' "$window"
        screen "$window" | sed 's/   *\(│.*\)*$//'
    done
    if [ -f "$dir/server.log" ]; then
        printf '\n===== server =====\n'
        cat "$dir/server.log"
    fi
    exit 1
}

# wait_for WHAT COMMAND...: until the command succeeds.
wait_for() {
    what=$1
    shift
    deadline=$(($(date +%s) + patience))
    until "$@"; do
        [ "$(date +%s)" -lt "$deadline" ] || fail "$what"
        sleep 0.02
    done
}

shows() {
    screen "$1" | grep -Eq -e "$2"
}

# sees WINDOW REGEX: its screen comes to show that.
sees() {
    wait_for "$1 never showed: $2" shows "$1" "$2"
}

# watchers_see REGEX
watchers_see() {
    for watcher in $watchers; do
        sees "$watcher" "$1"
    done
}

# types WINDOW LINE: into its keyboard, with Enter.
types() {
    in_tmux send-keys -t "test:$1" -l "$2"
    in_tmux send-keys -t "test:$1" Enter
}

step() {
    echo "- $1"
}

# --- start -------------------------------------------------------------------

listening() {
    kill -0 "$server" 2>/dev/null || fail "the server ended at once"
    port=$(sed -n 's/^listening on 127\.0\.0\.1:\([0-9]*\), 2 reactors$/\1/p' \
        "$dir/server.log")
    [ -n "$port" ]
}

start_server() {
    "$1" --listen 127.0.0.1:0 --reactors 2 --stats >"$dir/server.log" 2>&1 &
    server=$!
    wait_for "the server never said where it listens" listening
}

# open WINDOW COMMAND: a window that stays when the command has ended.
open() {
    if in_tmux has-session -t test 2>/dev/null; then
        in_tmux new-window -d -t test: -n "$1" "$2"
    else
        in_tmux new-session -d -s test -n keep -x 180 -y 50 cat \; \
            set-option -g remain-on-exit on \; \
            set-option -g history-limit 5000 \; \
            new-window -d -n "$1" "$2"
    fi
}

# open_nc WINDOW NICK: a netcat whose user has registered.
open_nc() {
    open "$1" "nc 127.0.0.1 $port"
    types "$1" "NICK $2"
    types "$1" "USER $2 0 * :$2"
    sees "$1" "^:[^ ]+ 001 $2 "
}

# Both clients hold back what is typed quickly; nobody floods here.
start_clients() {
    mkdir "$dir/irssi"
    echo 'settings = { "irc/core" = { cmd_queue_speed = "1msec"; }; };' \
        >"$dir/irssi/config"
    open irssi "irssi --home=$dir/irssi --connect=127.0.0.1 --port=$port \
        --nick=ida"
    open weechat "weechat --dir $dir/weechat --plugins irc \
        --run-command '/set weechat.bar.nicklist.hidden on' \
        --run-command '/set irc.server_default.nicks wanda' \
        --run-command '/set irc.server_default.anti_flood_prio_high 0' \
        --run-command '/set irc.server_default.anti_flood_prio_low 0' \
        --run-command '/server add tea 127.0.0.1/$port' \
        --run-command '/connect tea'"
    open_nc nc tom
    for watcher in $watchers; do
        open_nc "$watcher" "$watcher"
        types "$watcher" "JOIN #tea"
        sees "$watcher" "^:[^ ]+ 366 $watcher #tea "
    done
    sees irssi '\[ida\(\+i\)\]' # its status line, once the server said so
    sees weechat 'Welcome .*wanda'
}

# --- what they do ------------------------------------------------------------

join() {
    step "join"
    types irssi "/join #tea"
    sees irssi 'ida .*has joined #tea'
    watchers_see '^:ida!.* JOIN :?#tea'

    types weechat "/join #tea"
    sees weechat 'wanda .*has joined #tea'
    sees irssi 'wanda .*has joined #tea'
    watchers_see '^:wanda!.* JOIN :?#tea'

    types nc "JOIN #tea"
    sees nc '^:tom!.* JOIN :?#tea'
    sees nc ' 353 tom . #tea :.*ida'
    sees nc ' 353 tom . #tea :.*wanda'
    sees irssi 'tom .*has joined #tea'
    sees weechat 'tom .*has joined #tea'
    watchers_see '^:tom!.* JOIN :?#tea'
}

talk() {
    step "message"
    types irssi "who wants a cup?"
    sees weechat 'ida.*who wants a cup\?'
    sees nc '^:ida!.* PRIVMSG #tea :who wants a cup\?'
    watchers_see '^:ida!.* PRIVMSG #tea :who wants a cup\?'

    types weechat "one for me, with müsli"
    sees irssi 'wanda.*one for me, with müsli'
    sees nc '^:wanda!.* PRIVMSG #tea :one for me, with müsli'
    watchers_see '^:wanda!.* PRIVMSG #tea :one for me, with müsli'

    types nc "PRIVMSG #tea :and one for netcat"
    sees irssi 'tom.*and one for netcat'
    sees weechat 'tom.*and one for netcat'
    watchers_see '^:tom!.* PRIVMSG #tea :and one for netcat'
}

whisper() {
    step "message from one to one"
    types nc "PRIVMSG ida :only for you"
    types irssi "/query tom" # shows the window that the message opened
    sees irssi 'tom> *only for you'
    types irssi "only for you too"
    sees nc '^:ida!.* PRIVMSG tom :only for you too'
    types irssi "/window goto #tea"
    sees irssi 'and one for netcat'
}

topic() {
    step "topic"
    # The watchers came first; the first of them is the operator.
    types w1 "MODE #tea +o ida"
    sees irssi 'mode/#tea.*\+o ida'
    types irssi "/topic green or black"
    sees irssi 'ida changed the topic of #tea to: green or black'
    sees weechat 'ida has (changed|set).*topic.*green or black'
    sees nc '^:ida!.* TOPIC #tea :green or black'
    watchers_see '^:ida!.* TOPIC #tea :green or black'
}

nick() {
    step "nick change"
    types irssi "/nick iris"
    sees irssi 'You.re now known as iris'
    sees weechat 'ida is now known as iris'
    sees nc '^:ida!.* NICK :?iris'
    watchers_see '^:ida!.* NICK :?iris'

    types weechat "/nick wilma"
    sees weechat 'now known as wilma'
    sees irssi 'wanda is now known as wilma'
    sees nc '^:wanda!.* NICK :?wilma'
    watchers_see '^:wanda!.* NICK :?wilma'

    types nc "NICK tim"
    sees nc '^:tom!.* NICK :?tim'
    sees irssi 'tom is now known as tim'
    sees weechat 'tom is now known as tim'
    watchers_see '^:tom!.* NICK :?tim'
}

# Each leaves and comes back, so that the next one's leaving is seen by all.
part() {
    step "part"
    types nc "PART #tea :to the kitchen"
    sees irssi 'tim .*has left #tea .*to the kitchen'
    sees weechat 'tim .*has left #tea .*to the kitchen'
    watchers_see '^:tim!.* PART #tea :.*to the kitchen'
    types nc "JOIN #tea"
    sees irssi 'tim .*has joined #tea'
    sees weechat 'tim .*has joined #tea'

    types weechat "/part #tea to the garden"
    sees irssi 'wilma .*has left #tea .*to the garden'
    sees nc '^:wilma!.* PART #tea :.*to the garden'
    watchers_see '^:wilma!.* PART #tea :.*to the garden'
    types weechat "/join #tea"
    sees irssi 'wilma .*has joined #tea'

    types irssi "/part #tea to the shop"
    sees weechat 'iris .*has left #tea .*to the shop'
    sees nc '^:iris!.* PART #tea :.*to the shop'
    watchers_see '^:iris!.* PART #tea :.*to the shop'
    types irssi "/join #tea"
    sees weechat 'iris .*has joined #tea'
    sees nc '^:iris!.* JOIN :?#tea'
}

quit() {
    step "quit"
    types nc "QUIT :netcat is done"
    sees irssi 'tim .*has quit .*netcat is done'
    sees weechat 'tim .*has quit .*netcat is done'
    watchers_see '^:tim!.* QUIT :.*netcat is done'

    types weechat "/quit weechat is done"
    sees irssi 'wilma .*has quit .*weechat is done'
    watchers_see '^:wilma!.* QUIT :.*weechat is done'

    types irssi "/quit irssi is done"
    watchers_see '^:iris!.* QUIT :.*irssi is done'
}

ended() {
    ! kill -0 "$server" 2>/dev/null
}

# A polite end: the watchers are told, the status is 0.
stop_server() {
    step "stop"
    kill -TERM "$server"
    watchers_see '^ERROR :'
    wait_for "the server did not stop" ended
    status=0
    wait "$server" || status=$?
    server=
    [ "$status" = 0 ] || fail "the server ended with status $status"
}

case ${1:-} in
--connect) port=$2 ;;
'')
    sed -n '2,6s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
*) start_server "$1" ;;
esac
start_clients
join
talk
whisper
topic
nick
part
quit
[ -z "$server" ] || stop_server
echo "passed"
