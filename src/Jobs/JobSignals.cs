namespace Admission.Jobs;

/// <summary>Wakes those who wait for something about jobs: a runner for work, a long poll for its job. Thread-safe.</summary>
/// <remarks>A signal says only that it is worth looking. It is never lost for who began to watch before looking; those across processes may be, so everybody looks from time to time anyway.</remarks>
internal sealed class JobSignals
{
    private const string CallbacksKey = "callbacks";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Topic> _topics = new(StringComparer.Ordinal);

    /// <summary>Begins to watch for work of a backend.</summary>
    public Watch ForWork(string backend) => Begin(WorkKey(backend));

    /// <summary>Begins to watch a job.</summary>
    public Watch ForJob(string id) => Begin(id);

    /// <summary>Begins to watch for clients that are to be told of their jobs.</summary>
    public Watch ForCallbacks() => Begin(CallbacksKey);

    /// <summary>A client is to be told.</summary>
    public void Callbacks() => Raise(CallbacksKey);

    /// <summary>There is work for a backend.</summary>
    public void Work(string backend) => Raise(WorkKey(backend));

    /// <summary>A job has changed.</summary>
    public void Changed(string id) => Raise(id);

    /// <summary>Signals may have been lost: everybody looks.</summary>
    public void All()
    {
        Topic[] all;
        lock (_gate)
        {
            all = [.. _topics.Values];
        }

        foreach (var topic in all)
        {
            topic.Raise();
        }
    }

    // A job's id is hexadecimal, so no backend's key is one.
    private static string WorkKey(string backend) => "work:" + backend.ToLowerInvariant();

    private Watch Begin(string key)
    {
        lock (_gate)
        {
            if (!_topics.TryGetValue(key, out var topic))
            {
                _topics.Add(key, topic = new Topic(key));
            }

            topic.Watchers++;
            return new Watch(this, topic);
        }
    }

    private void Raise(string key)
    {
        Topic? topic;
        lock (_gate)
        {
            _topics.TryGetValue(key, out topic);
        }

        topic?.Raise();
    }

    private void End(Topic topic)
    {
        lock (_gate)
        {
            if (--topic.Watchers == 0)
            {
                _topics.Remove(topic.Key);
            }
        }
    }

    internal sealed class Topic(string key)
    {
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Key => key;

        public int Watchers { get; set; }

        public Task Next => Volatile.Read(ref _next).Task;

        public void Raise() =>
            Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>One who watches; dispose it to end. Not for several threads.</summary>
    internal sealed class Watch : IDisposable
    {
        private readonly JobSignals _signals;
        private readonly Topic _topic;
        private Task _next;
        private bool _ended;

        internal Watch(JobSignals signals, Topic topic)
        {
            _signals = signals;
            _topic = topic;
            _next = topic.Next;
        }

        /// <summary>Waits for the first signal since the last wait, or since the watch began.</summary>
        /// <returns>Whether there was one.</returns>
        public async Task<bool> WaitAsync(TimeSpan most, TimeProvider time, CancellationToken cancellation)
        {
            await _next.WaitAsync(most, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellation.ThrowIfCancellationRequested();
            var came = _next.IsCompleted;
            _next = _topic.Next;
            return came;
        }

        public void Dispose()
        {
            if (!_ended)
            {
                _ended = true;
                _signals.End(_topic);
            }
        }
    }
}
