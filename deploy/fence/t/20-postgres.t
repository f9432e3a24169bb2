# With a real PostgreSQL and sessions that write as fast as they can: nothing acknowledges beyond the deadline, whatever
# was killed or frozen, and EXITED is told only when nothing is left.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use FenceTest;
use Test::More;

# A loaded machine may be slower than this; the lease has the margin for it (ttl / 5, at least 500 ms).
my $bound_ms = $ENV{MATRIARCH_FENCE_BOUND_MS} // 400;

my $pg = init_postgres();

sub ms { return int($_[0] / 1e5) / 10 }

# A fence with a running PostgreSQL: (state directory, control connection, postmaster's pid).
sub running {
    my $dir = scratch();
    start_fence($dir);
    my $c = hello($dir);
    return ($dir, $c, start_postgres($c, $pg));
}

subtest 'the agent is gone: PostgreSQL ends at the deadline, with its sessions' => sub {
    my ($dir, $c, $postmaster) = running();
    my $finish = writers($pg, 8);
    # The agent: sets a deadline and is killed.
    my $agent = fork // die $!;
    if (!$agent) {
        my $own = hello($dir);
        ask($own, 'DEADLINE ' . (now_ns() + 700e6));
        kill 'KILL', $$;
    }
    waitpid $agent, 0;
    my $deadline = status_of($dir)->{deadline};
    my ($last, $count, $sent) = $finish->();
    my $is;
    eventually { $is = status_of($dir); $is->{state} eq 'FENCED' && $is->{saved} eq 'yes' } 'the fence says so';
    my ($proof) = proofs($dir);
    cmp_ok $count, '>', 0, "sessions wrote: $count commits acknowledged";
    my $late = ms($last - $deadline);
    diag "last commit acknowledged $late ms after the deadline; all gone after " . ms($proof->{goneNs} - $deadline) . ' ms';
    cmp_ok $late, '<', $bound_ms, "the last commit was acknowledged $late ms after the deadline";
    cmp_ok $sent, '<=', $proof->{goneNs}, 'none was taken after what the proof says';
    is $proof->{reason}, 'fenced', 'the proof is on disk';
    is $proof->{deadlineNs}, $deadline, 'with the deadline';
    is $proof->{postmaster}, $postmaster, 'and the postmaster';
    is $proof->{agent}, $agent, 'and the agent that failed';
    ok !grep({ alive($_) } @{ $proof->{pids} }), 'every process that it names is gone';
    my $next = hello($dir);
    is ask($next, 'CLEAR'), 'OK', 'an agent takes over';
    ok start_postgres($next, $pg), 'and starts PostgreSQL again';
    my $s = pg_session($pg);
    query($s, 'select count(*) from t');
    cmp_ok $s->{value}, '>=', $count, 'all that was acknowledged is there';
    ask($next, 'STOP fast 20000');
    like event_of($next, qr/EXITED/), qr/code=0 signal=0 reason=stop /, 'and stops it cleanly';
};

subtest 'the postmaster is frozen: its busy backends end at the deadline all the same' => sub {
    my ($dir, $c, $postmaster) = running();
    my $finish = writers($pg, 4);
    kill 'STOP', $postmaster;
    my $deadline = int(now_ns() + 300e6);
    ask($c, "DEADLINE $deadline");
    my ($last, $count) = $finish->();
    my ($gone) = event_of($c, qr/EXITED/) =~ /signal=9 reason=fenced at=(\d+)/;
    ok $gone, 'EXITED, the postmaster by SIGKILL';
    my $late = ms($last - $deadline);
    diag "frozen postmaster: last commit $late ms after the deadline, all gone after " . ms($gone - $deadline) . ' ms';
    cmp_ok $late, '<', $bound_ms, "the last commit was acknowledged $late ms after the deadline";
    cmp_ok $count, '>', 0, 'sessions wrote until then';
    ok !alive($postmaster), 'the postmaster is gone';
};

subtest 'a backend is frozen: it ends at the deadline' => sub {
    my ($dir, $c) = running();
    my $s = pg_session($pg);
    kill 'STOP', $s->{pid};
    my $deadline = int(now_ns() + 50e6);
    ask($c, "DEADLINE $deadline");
    like event_of($c, qr/EXITED/), qr/reason=fenced /, 'EXITED';
    my ($proof) = eventually { proofs($dir) } 'proof';
    ok grep({ $_ == $s->{pid} } @{ $proof->{killed} }), 'the frozen one by SIGKILL';
};

subtest 'the postmaster is killed: EXITED comes when its busy backends are gone too' => sub {
    my ($dir, $c, $postmaster) = running();
    my $busy = pg_session($pg);
    my $body = "do \$\$ begin loop end loop; end \$\$\0";
    syswrite $busy->{fh}, 'Q' . pack('N', 4 + length $body) . $body;
    my $finish = writers($pg, 4);
    my @family = family($postmaster);
    my $killed = now_ns();
    kill 'KILL', $postmaster;
    my ($died) = event_of($c, qr/POSTMASTER-DIED/) =~ /pid=$postmaster code=0 signal=9 at=(\d+)/;
    my ($gone) = event_of($c, qr/EXITED/) =~ /pid=$postmaster code=0 signal=9 reason=crash at=(\d+)/;
    ok !grep({ alive($_) } @family), 'every process of it is gone when EXITED is heard';
    diag 'postmaster killed: told after ' . ms($died - $killed) . ' ms, all gone after ' . ms($gone - $killed) . ' ms';
    cmp_ok $gone - $killed, '<', $bound_ms * 1e6, 'soon';
    my (undef, undef, $sent) = $finish->();
    cmp_ok $sent, '<=', $gone, 'no statement was taken after EXITED';
    is status_of($dir)->{state}, 'IDLE', 'it may be started again at once';
    ok start_postgres($c, $pg), 'and it does start';
    kill 'INT', status_of($dir)->{postmaster};
    like event_of($c, qr/EXITED/), qr/code=0 signal=0 reason=crash /, 'a stop that nobody ordered is told too';
};

subtest 'the fence is killed: the kernel ends PostgreSQL' => sub {
    my ($dir, $c, $postmaster) = running();
    my $finish = writers($pg, 4);
    my @family = family($postmaster);
    my $killed = now_ns();
    kill_fence($dir, 'KILL');
    my ($last, $count) = $finish->();
    my $late = ms($last - $killed);
    ok eventually { !grep { alive($_) } @family } 'every process of it ends';
    diag "fence killed: last commit $late ms after it, all gone after " . ms(now_ns() - $killed) . ' ms';
    cmp_ok $late, '<', $bound_ms, "the last commit was acknowledged $late ms after the kill";
    my $next = do { start_fence($dir); hello($dir) };
    like $next->{hello}, qr/state=IDLE postmaster=0 /, 'the next fence is idle';
    ok start_postgres($next, $pg), 'and starts it again';
    ask($next, 'STOP fast 20000');
    like event_of($next, qr/EXITED/), qr/reason=stop /, 'stopped';
};

subtest 'the fence is killed while the postmaster is frozen: the next fence sweeps before it listens' => sub {
    my ($dir, $c, $postmaster) = running();
    my $finish = writers($pg, 4);
    my @family = family($postmaster);
    kill 'STOP', $postmaster;
    kill_fence($dir, 'KILL');
    ok alive($postmaster), 'the frozen postmaster is left, its sessions write';
    start_fence($dir);
    my (undef, undef, $sent) = $finish->();
    ok !grep({ alive($_) } @family), 'nothing of it is left';
    my $is = status_of($dir);
    is $is->{state}, 'IDLE', 'the new fence is idle';
    is as_json($is->{proof})->{reason}, 'swept', 'with a proof';
    cmp_ok $sent, '<=', as_json($is->{proof})->{goneNs}, 'no statement was taken after it';
};

subtest 'orphans of a killed fence and a killed postmaster are swept too' => sub {
    my ($dir, $c, $postmaster) = running();
    my $busy = pg_session($pg);
    my $body = "do \$\$ begin loop end loop; end \$\$\0";
    syswrite $busy->{fh}, 'Q' . pack('N', 4 + length $body) . $body;
    kill 'STOP', $postmaster;
    kill_fence($dir, 'KILL');
    kill 'KILL', $postmaster;
    ok eventually { !alive($postmaster) } 'postmaster gone';
    ok alive($busy->{pid}), 'a busy orphan is left';
    start_fence($dir);
    ok !alive($busy->{pid}), 'no more';
};

subtest 'a PostgreSQL that somebody else started meanwhile is not touched' => sub {
    my ($dir, $c, $postmaster) = running();
    kill_fence($dir, 'KILL');
    ok eventually { !alive($postmaster) } 'gone with the fence';
    ok eventually { !kill 0, $postmaster } 'and reaped, so that its lock file counts as old';
    my $other = fork // die $!;
    if (!$other) {
        open STDERR, '>>', "$pg/log";
        exec postgres_program(), '-D', "$pg/data" or POSIX::_exit(1);
    }
    eventually { my $s = eval { pg_session($pg) }; $s && query($s, 'select 1') } 'started by hand', 60;
    start_fence($dir);
    ok alive($other), 'it lives on';
    my $s = pg_session($pg);
    ok query($s, 'select 1'), 'and answers';
    kill 'INT', $other;
    waitpid $other, 0;
};

subtest 'a newer agent takes over without touching PostgreSQL' => sub {
    my ($dir, $c, $postmaster) = running();
    ask($c, 'DEADLINE ' . int(now_ns() + 1500e6));
    my $next = hello($dir);
    like $next->{hello}, qr/state=RUNNING postmaster=$postmaster deadline=[1-9]/, 'HELLO tells what runs and until when';
    is ask($next, 'DEADLINE none'), 'OK deadline=0', 'it may take the deadline away';
    Time::HiRes::sleep(2);
    is status_of($dir)->{postmaster}, $postmaster, 'and PostgreSQL runs on';
    is ask($next, 'SIGNAL HUP'), 'OK', 'SIGNAL';
    ask($next, 'DEADLINE ' . int(now_ns() + 300e6));
    ask($next, 'STOP smart 60000');
    like event_of($next, qr/EXITED/), qr/reason=(?:fenced|stop) /, 'a deadline passes during a stop';
    ok !alive($postmaster), 'in time';
};

subtest 'a frozen postmaster that was asked to stop is ended by escalation' => sub {
    my ($dir, $c, $postmaster) = running();
    my $finish = writers($pg, 2);
    kill 'STOP', $postmaster;
    ask($c, 'STOP fast 300');
    my $began = now_ns();
    like event_of($c, qr/EXITED/), qr/signal=9 reason=stop /, 'EXITED';
    cmp_ok now_ns() - $began, '<', 2e9, 'after the time-out and the grace';
    my ($last) = $finish->();
    cmp_ok $last, '<=', now_ns(), 'the writers ended';
};

done_testing;
