package io.matriarch.ha.adapter.fence;

import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.StopMode;
import io.matriarch.ha.port.FenceException;
import io.matriarch.ha.port.FenceKeeper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * This member's {@link FenceKeeper}: a client of the process {@code matriarch-fence}. It starts the process when none runs, and the
 * process outlives it; the next agent finds it again by its socket.
 */
public final class FenceClient implements FenceKeeper {
    private static final Logger LOG = Logger.getLogger(FenceClient.class);

    private final FenceSettings settings;
    private final FenceProcess process;
    private volatile Consumer<Event> listener = event -> {};
    private volatile Optional<FenceConnection> control = Optional.empty();

    public FenceClient(FenceSettings settings) {
        this.settings = settings;
        this.process = new FenceProcess(settings);
    }

    @Override
    public synchronized FenceView connect() throws FenceException {
        close();
        FenceConnection connection = openOrStart();
        try {
            FenceView view = askForView(
                    connection,
                    List.of("HELLO", Long.toString(ProcessHandle.current().pid())));
            control = Optional.of(connection);
            return view;
        } catch (FenceException e) {
            connection.close();
            throw e;
        }
    }

    private FenceConnection openOrStart() throws FenceException {
        try {
            return open();
        } catch (IOException e) {
            LOG.infof("No fence of member %s runs (%s): starting one", settings.member(), e.getMessage());
        }
        process.start();
        try {
            return open();
        } catch (IOException e) {
            throw new FenceException("the fence started but does not listen at " + settings.socket(), true, e);
        }
    }

    private FenceConnection open() throws IOException {
        return FenceConnection.open(settings.socket(), settings.member().value(), event -> listener.accept(event));
    }

    @Override
    public boolean isInControl() {
        return control.filter(FenceConnection::isOpen).isPresent();
    }

    @Override
    public FenceView view() {
        try {
            Optional<FenceConnection> connection = control.filter(FenceConnection::isOpen);
            if (connection.isPresent()) {
                return askForView(connection.get(), List.of("STATUS"));
            }
            // Not in control (any more): anybody may ask for the status.
            try (FenceConnection asking =
                    FenceConnection.open(settings.socket(), settings.member().value() + "-status", event -> {})) {
                return askForView(asking, List.of("STATUS"));
            }
        } catch (FenceException | IOException e) {
            LOG.debugf("The fence of member %s is unreachable: %s", settings.member(), e.toString());
            return FenceView.UNREACHABLE;
        }
    }

    private FenceView askForView(FenceConnection connection, List<String> words) throws FenceException {
        FenceWire.Line.Ok answer = connection.ask(settings.answerWithin(), words);
        try {
            return FenceWire.view(answer);
        } catch (IllegalArgumentException e) {
            throw new FenceException("the fence's answer is not understood: " + e.getMessage(), false, e);
        }
    }

    @Override
    public long start(StartCommand command) throws FenceException {
        var words = new ArrayList<String>(command.argv().size() + 3);
        words.add("START");
        words.add(command.workingDirectory());
        words.add(command.logFile());
        words.addAll(command.argv());
        return ask(words).number("postmaster");
    }

    @Override
    public void extend(MonotonicTime until) throws FenceException {
        ask(List.of("DEADLINE", Long.toString(until.nanos())));
    }

    @Override
    public void disarm() throws FenceException {
        ask(List.of("DEADLINE", "none"));
    }

    @Override
    public void stop(StopMode mode, Duration timeout) throws FenceException {
        ask(List.of("STOP", mode.name().toLowerCase(Locale.ROOT), Long.toString(timeout.toMillis())));
    }

    @Override
    public void nudge() throws FenceException {
        ask(List.of("SIGNAL", "USR1"));
    }

    @Override
    public void clear() throws FenceException {
        ask(List.of("CLEAR"));
    }

    @Override
    public synchronized void kill() throws FenceException {
        process.kill();
        close();
    }

    @Override
    public void quit() throws FenceException {
        ask(List.of("QUIT"));
    }

    private FenceWire.Line.Ok ask(List<String> words) throws FenceException {
        FenceConnection connection =
                control.orElseThrow(() -> new FenceException(words.getFirst() + " to the fence: not connected", true));
        return connection.ask(settings.answerWithin(), words);
    }

    @Override
    public void onEvent(Consumer<Event> newListener) {
        listener = newListener;
    }

    @Override
    public void close() {
        control.ifPresent(FenceConnection::close);
        control = Optional.empty();
    }
}
