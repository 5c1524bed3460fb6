#!/usr/bin/env bash
# Runs that draw: headless pictures, frames and video, and a window under a virtual display (E20, E24, E10).
# Usage: picture_test.sh VENGINE window|headless, from the top of the source tree.
set -u
vengine=$1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
failures=0
run=("$vengine" run games/void_frontier --quiet --size 320x180 --validation)

expect() {
    if eval "$2"; then
        echo "ok $1"
    else
        echo "FAILED $1"
        failures=$((failures + 1))
    fi
}

case $2 in
    headless)
        expect "a run leaves its picture" '"${run[@]}" --headless --ticks 30 --screenshot "$out/a.png" --report "$out/a.json"'
        expect "validation is silent" 'grep -q "\"validation_messages\": 0" "$out/a.json"'
        expect "the same run again" '"${run[@]}" --headless --ticks 30 --threads 1 --screenshot "$out/b.png"'
        expect "same tick, same bytes" 'cmp "$out/a.png" "$out/b.png"'
        expect "another tick" '"${run[@]}" --headless --ticks 90 --screenshot "$out/c.png"'
        expect "another tick, another picture" '! cmp -s "$out/a.png" "$out/c.png"'
        expect "frames and video" '"${run[@]}" --headless --ticks 5 --frames "$out/frames" --video "$out/v.y4m"'
        expect "a frame for each tick" '[ "$(ls "$out/frames" | tr "\n" " ")" = "frame_0001.png frame_0002.png frame_0003.png frame_0004.png frame_0005.png " ]'
        # Header, then 5 times "FRAME\n" and 4:2:0 planes.
        expect "video has five frames" \
            '[ "$(head -c 9 "$out/v.y4m")" = YUV4MPEG2 ] && [ $(($(stat -c %s "$out/v.y4m") / (320 * 180 * 3 / 2))) -eq 5 ]'
        # Drawing must not change what is simulated.
        "${run[@]}" --headless --ticks 30 --hashes "$out/drawn.txt" --frames "$out/frames2" >/dev/null
        "$vengine" run games/void_frontier --quiet --headless --ticks 30 --hashes "$out/blind.txt" >/dev/null
        expect "drawing changes no state hash" 'cmp "$out/drawn.txt" "$out/blind.txt"'
        # Without any Vulkan driver: no picture, exit code 4; a run without pictures still works.
        export VK_DRIVER_FILES=/nonexistent.json VK_ICD_FILENAMES=/nonexistent.json
        "${run[@]}" --headless --ticks 5 --screenshot "$out/n.png" 2>"$out/stderr" >/dev/null
        expect "no device is exit code 4" "[ $? -eq 4 ]"
        expect "and says what to install" 'grep -q "mesa-vulkan-drivers" "$out/stderr"'
        expect "runs without pictures need no device" '"${run[@]}" --headless --ticks 5'
        ;;
    window)
        export SDL_AUDIODRIVER=dummy
        expect "a window runs its ticks" 'xvfb-run -a "${run[@]}" --ticks 40 --record "$out/w.vrec" --report "$out/w.json" --screenshot "$out/w.png"'
        expect "validation is silent" 'grep -q "\"validation_messages\": 0" "$out/w.json"'
        expect "the picture is there" '[ -s "$out/w.png" ]'
        expect "what the window ran replays headless" '"$vengine" replay "$out/w.vrec" --quiet | grep -q "identical, 40 ticks"'
        for mode in fifo mailbox immediate; do
            expect "present mode $mode" 'xvfb-run -a "${run[@]}" --ticks 5 --set frames.present_mode=$mode --set frames.vsync=false'
        done
        ;;
esac
[ "$failures" -eq 0 ] || { echo "$failures failed"; exit 1; }
