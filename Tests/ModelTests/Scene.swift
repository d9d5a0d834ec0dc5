import Synchronization

/// What all parts of one scenario share: the promises, the faults, and the record of what happened.
final class Scene: Sendable {
    let promises = Mutex(Promises())
    private let state: Mutex<State>

    private struct State {
        var faults = StoreFaults()
        var trace: [String] = []
        let isRecording: Bool
    }

    init(isRecording: Bool) {
        state = Mutex(State(isRecording: isRecording))
    }

    var faults: StoreFaults {
        get { state.withLock { $0.faults } }
        set { state.withLock { $0.faults = newValue } }
    }

    /// What happened, if it is recorded.
    var trace: [String] { state.withLock { $0.trace } }

    func note(_ line: @autoclosure () -> String) {
        guard state.withLock({ $0.isRecording }) else { return }
        let text = line()
        state.withLock { $0.trace.append(text) }
    }

    /// Records a broken promise.
    func blame(_ sentence: String) {
        promises.withLock { $0.blame(sentence) }
    }
}
