namespace Admission.Jobs.Running;

/// <summary>Who is being told, and how many of each receiver's callbacks are under way, so that a slow one keeps its own waiting and nobody else. Thread-safe.</summary>
/// <param name="mostEach">So many are sent to one receiver at once.</param>
internal sealed class CallbackReceivers(int mostEach)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Receiver> _receivers = new(StringComparer.OrdinalIgnoreCase);
    private int _count;

    /// <summary>Callbacks under way.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Those that have as many as they may.</summary>
    public IReadOnlyCollection<string> Busy
    {
        get
        {
            lock (_gate)
            {
                return [.. _receivers.Where(each => each.Value.Count >= mostEach).Select(each => each.Key)];
            }
        }
    }

    /// <summary>One more is under way; dispose the receiver's part when it is over.</summary>
    public Part Add(string receiver)
    {
        lock (_gate)
        {
            if (!_receivers.TryGetValue(receiver, out var found))
            {
                _receivers.Add(receiver, found = new Receiver(receiver, new SemaphoreSlim(mostEach)));
            }

            found.Count++;
            _count++;
            return new Part(this, found);
        }
    }

    private void Remove(Receiver receiver)
    {
        lock (_gate)
        {
            _count--;
            if (--receiver.Count == 0)
            {
                _receivers.Remove(receiver.Name);
                receiver.Places.Dispose();
            }
        }
    }

    internal sealed class Receiver(string name, SemaphoreSlim places)
    {
        public string Name => name;

        public SemaphoreSlim Places => places;

        public int Count { get; set; }
    }

    /// <summary>One callback of a receiver.</summary>
    internal sealed class Part(CallbackReceivers receivers, Receiver receiver) : IDisposable
    {
        private bool _inside;

        /// <summary>Waits for its turn.</summary>
        public async Task EnterAsync(CancellationToken cancellation)
        {
            await receiver.Places.WaitAsync(cancellation);
            _inside = true;
        }

        public void Dispose()
        {
            if (_inside)
            {
                receiver.Places.Release();
            }

            receivers.Remove(receiver);
        }
    }
}
