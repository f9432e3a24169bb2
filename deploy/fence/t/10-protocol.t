# The protocol, with a stand-in for PostgreSQL: who is in control, what is refused, what garbage does.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use FenceTest;
use Test::More;

my $sleep = '/usr/bin/sleep';

subtest 'a start answers when the fence listens; a second fence of the same directory is refused' => sub {
    my $dir = scratch() . '/with space';
    my ($code, $text) = start_fence($dir);
    is $code, 0, 'the first starts';
    like $text, qr/^pid=\d+$/, 'and says its pid';
    my $pid = fence_pid($dir);
    ($code, $text) = start_fence($dir);
    is $code, 3, 'the second does not';
    like $text, qr/already running with pid $pid/, 'and names the first';
    is((stat "$dir/fence.sock")[2] & 0777, 0600, 'the socket is private');
    is readlink "/proc/$pid/cwd", '/', 'it stands in /';
    my @open = map { readlink } glob "/proc/$pid/fd/*";
    is scalar(grep { m{/dev/null$|fence\.log$|fence\.pid$|^pipe:|timerfd|^socket:} } @open), scalar @open,
        'it inherited no descriptor' or diag "@open";
    isnt session_of($pid), session_of($$), 'it has a session of its own';
    kill 'TERM', $pid;
    ok eventually { !alive($pid) } 'SIGTERM ends a fence without PostgreSQL';
    ok !-e "$dir/fence.sock", 'and takes its socket away';
    is fence_pid($dir), 0, 'and its pid';
};

subtest 'what kill -9 leaves does not stand in the way' => sub {
    my $dir = scratch();
    start_fence($dir);
    my $pid = kill_fence($dir, 'KILL');
    ok eventually { !alive($pid) } 'the fence is dead';
    ok -e "$dir/fence.sock", 'its socket is left';
    my ($code) = start_fence($dir);
    is $code, 0, 'the next one starts';
    is status_of($dir)->{state}, 'IDLE', 'and answers';
};

subtest 'the newest HELLO is in control' => sub {
    my $dir = scratch();
    start_fence($dir);
    my $first = hello($dir);
    like $first->{hello}, qr/^OK version=1 pid=\d+ now=\d+ state=IDLE postmaster=0 deadline=0 proof= /, 'HELLO is answered';
    my $watcher = connect_fence($dir);
    like ask($watcher, 'STATUS'), qr/^OK .*agent=$$ /, 'anybody may ask for the status';
    like ask($watcher, 'DEADLINE none'), qr/^ERR NOT-IN-CONTROL /, 'but not command';
    my $second = hello($dir);
    is ask($first, 'STATUS'), undef, 'the older connection is closed';
    is ask($second, 'DEADLINE none'), 'OK deadline=0', 'the newer one commands';
    like ask($watcher, 'STATUS'), qr/^OK /, 'the watcher stays';
    like ask($second, "HELLO $$"), qr/^OK /, 'HELLO again on the same connection is fine';
};

subtest 'garbage is answered or cut off, and harms nobody' => sub {
    my $dir = scratch();
    start_fence($dir);
    my $c = hello($dir);
    like ask($c, $_), qr/^ERR BAD-REQUEST /, "refused: '$_'"
        for '', ' ', 'hello', 'HELLO', 'HELLO x', 'DEADLINE', 'DEADLINE -1', 'DEADLINE 1e9', 'DEADLINE 99999999999999999999',
        'STOP', 'STOP slow 10', 'STOP fast -1', 'SIGNAL KILL', 'START', 'START a b c', 'START / /tmp/l sleep', 'STATUS %zz',
        'START / /tmp/l /bin/sleep%00', "\x00\xff\xfe", 'STATUS%0a';
    like ask($c, "STATUS " . 'x' x 60_000), qr/^OK /, 'a long line is read';
    ok !defined ask($c, 'x' x 400_000) || !defined ask($c, 'STATUS'), 'a line without end is cut off';
    for (1 .. 40) {
        my $noise = connect_fence($dir);
        syswrite $noise->{fh}, join '', map { chr int rand 256 } 1 .. 5000;
    }
    is status_of($dir)->{state}, 'IDLE', 'the fence lives';
    my @many = map { connect_fence($dir) } 1 .. 40;
    my $again = hello($dir);
    like $again->{hello}, qr/^OK /, 'idle connections do not keep an agent out';
    my $late = connect_fence($dir);
    ask($late, 'STATUS') for 1 .. 3;
    like ask($again, 'DEADLINE none'), qr/^OK /, 'nor push it out';
};

subtest 'many requests in one packet are answered in order' => sub {
    my $dir = scratch();
    start_fence($dir);
    my $c = hello($dir);
    my $at = now_ns() + 60e9;
    syswrite $c->{fh}, join '', map { "DEADLINE ${\($at + $_)}\n" } 1 .. 50;
    is join(' ', map { ask($c) } 1 .. 50), join(' ', map { "OK deadline=${\($at + $_)}" } 1 .. 50), 'all of them';
};

subtest 'a program is started with exactly the words given, and only one' => sub {
    my $dir = scratch();
    start_fence($dir);
    my $c = hello($dir);
    my $log = scratch() . '/l og%';
    (my $encoded = $log) =~ s/([ %])/sprintf '%%%02x', ord $1/ge;
    my $script = 'print+join("|",@ARGV),"|$ENV{PWD}|";exec"pwd"';
    (my $code = $script) =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge;
    like ask($c, "START / $encoded /usr/bin/perl -e \$|=1;$code a%20b  %25 %C3%A9%0A"), qr/^OK postmaster=\d+$/, 'START';
    my $event = event_of($c, qr/EXITED/);
    like $event, qr/^EVENT EXITED pid=\d+ code=0 signal=0 reason=crash at=\d+$/, 'its end is told';
    my $said = do { local (@ARGV, $/) = $log; <> };
    like $said, qr{^a b\|\|%\|\xC3\xA9\n\|.*?\|/$}, 'words with spaces, empty words, percent signs, bytes';
    like ask($c, "START / $dir/log $sleep 60"), qr/^OK postmaster=/, 'the next start';
    like ask($c, "START / $dir/log $sleep 60"), qr/^ERR RUNNING /, 'not a second beside it';
    like ask($c, 'CLEAR'), qr/^ERR RUNNING /, 'nothing to clear';
    like ask($c, 'QUIT'), qr/^ERR RUNNING /, 'no end of the fence meanwhile';
    is ask($c, 'STOP immediate 5000'), 'OK', 'STOP';
    like event_of($c, qr/EXITED/), qr/code=0 signal=3 reason=stop /, 'EXITED';
    like ask($c, 'STOP fast 1000'), qr/^ERR NOT-RUNNING /, 'nothing to stop';
    like ask($c, 'SIGNAL HUP'), qr/^ERR NOT-RUNNING /, 'nothing to signal';
    is ask($c, 'QUIT'), 'OK', 'QUIT';
    ok eventually { !-e "$dir/fence.sock" } 'the fence ends';
    is scalar(my @none = proofs($dir)), 0, 'ends that were not enforced need no proof';
};

subtest 'a start that fails says why and leaves nothing' => sub {
    my $dir = scratch();
    start_fence($dir);
    my $c = hello($dir);
    like ask($c, "START / $dir/log /no/such/postgres"), qr{^ERR START-FAILED /no/such/postgres: No such file}, 'no program';
    like ask($c, "START /no/such/dir $dir/log $sleep 1"), qr{^ERR START-FAILED /no/such/dir: No such file}, 'no directory';
    like ask($c, "START / /no/such/log $sleep 1"), qr{^ERR START-FAILED /no/such/log: No such file}, 'no log';
    is status_of($dir)->{state}, 'IDLE', 'still idle';
    like ask($c, "START / $dir/log $sleep 60"), qr/^OK /, 'and able to start';
};

subtest 'deadlines' => sub {
    my $dir = scratch();
    start_fence($dir);
    my $c = hello($dir);
    my $past = now_ns() - 1e9;
    is ask($c, "DEADLINE $past"), "OK deadline=$past", 'a deadline in the past is taken';
    is status_of($dir)->{state}, 'IDLE', 'and does nothing without PostgreSQL';
    like ask($c, "START / $dir/log $sleep 60"), qr/^ERR DEADLINE-PASSED /, 'but nothing is started beyond it';
    is ask($c, 'DEADLINE none'), 'OK deadline=0', 'taken away';
    like ask($c, "START / $dir/log $sleep 60"), qr/^OK /, 'then it starts';
    is ask($c, "DEADLINE $past"), "OK deadline=$past", 'in the past while it runs';
    like event_of($c, qr/EXITED/), qr/reason=fenced /, 'fences at once';
    like ask($c, "START / $dir/log $sleep 60"), qr/^ERR FENCED /, 'no start afterwards';
    like ask($c, 'DEADLINE ' . (now_ns() + 60e9)), qr/^ERR FENCED /, 'no deadline either';
    my $next = hello($dir);
    like $next->{hello}, qr/state=FENCED /, 'a new agent sees it';
    like ask($next, "START / $dir/log $sleep 60"), qr/^ERR FENCED /, 'and must clear first';
    is ask($next, 'CLEAR'), 'OK', 'CLEAR';
    like ask($next, "START / $dir/log $sleep 60"), qr/^OK /, 'start';
    my $at = now_ns() + 0.3e9;
    ask($next, "DEADLINE $at");
    ask($next, 'DEADLINE ' . ($at + 60e9));
    Time::HiRes::sleep(0.5);
    is status_of($dir)->{state}, 'RUNNING', 'an extension counts';
    $at = int(now_ns() + 0.3e9);
    ask($next, "DEADLINE $at");
    my ($gone) = event_of($next, qr/EXITED/) =~ /reason=fenced at=(\d+)/;
    cmp_ok $gone, '>=', $at, 'not before the deadline';
    cmp_ok $gone - $at, '<', 150e6, 'and right after it';
};

subtest 'a stop that is not obeyed escalates' => sub {
    my $dir = scratch();
    start_fence($dir);
    my $c = hello($dir);
    # Ignores the polite signals; a child of it ignores SIGQUIT too.
    my $deaf = '$SIG{TERM}=$SIG{INT}=sub{};if(!fork){$SIG{QUIT}="IGNORE"}print"r\n";sleep(60)for(1..99)';
    $deaf =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge;
    like ask($c, "START / $dir/log /usr/bin/perl -e \$|=1;$deaf"), qr/^OK /, 'START';
    ok eventually { -s "$dir/log" && -s "$dir/log" >= 4 } 'both run';
    my $began = now_ns();
    is ask($c, 'STOP smart 200'), 'OK', 'STOP smart';
    is ask($c, 'STOP fast 200'), 'OK', 'STOP fast';
    is ask($c, 'STOP smart 100000'), 'OK', 'a softer one changes nothing';
    like ask($c, 'STATUS'), qr/state=STOPPING .*left=2 /, 'STATUS tells what is left';
    like event_of($c, qr/EXITED/), qr/signal=3 reason=stop /, 'the postmaster went by SIGQUIT';
    cmp_ok now_ns() - $began, '<', 2e9, 'in time';
    is scalar @{ as_json(status_of($dir)->{last})->{killed} }, 1, 'the child only by SIGKILL';
};

subtest 'SIGTERM stops PostgreSQL first' => sub {
    my $dir = scratch();
    start_fence($dir);
    my $c = hello($dir);
    my ($child) = ask($c, "START / $dir/log $sleep 60") =~ /postmaster=(\d+)/;
    my $pid = kill_fence($dir, 'TERM');
    like event_of($c, qr/EXITED/), qr/signal=2 reason=stop /, 'by a fast stop';
    ok eventually { !alive($pid) } 'then the fence ends';
    ok !alive($child), 'nothing is left';
};

subtest 'a proof that cannot be written is kept in memory' => sub {
    my $dir = scratch();
    start_fence($dir);
    my $c = hello($dir);
    symlink '/dev/full', "$dir/proofs.jsonl";
    ask($c, "START / $dir/log $sleep 60");
    ask($c, 'DEADLINE ' . (now_ns() - 1));
    like event_of($c, qr/EXITED/), qr/reason=fenced /, 'it fences';
    my $is;
    ok eventually { $is = status_of($dir); $is->{saved} ne 'pending' } 'the writing ended';
    is $is->{saved}, 'No space left on device', 'STATUS says that the disk is full';
    is as_json($is->{proof})->{reason}, 'fenced', 'and gives the proof';
    is ask($c, 'CLEAR'), 'OK', 'CLEAR';
    like ask($c, "START / $dir/log $sleep 60"), qr/^OK /, 'the fence still works';
};

sub session_of {
    my ($pid) = @_;
    open my $fh, '<', "/proc/$pid/stat" or die $!;
    return (<$fh> =~ /\) \S \d+ \d+ (\d+)/)[0];
}

done_testing;
