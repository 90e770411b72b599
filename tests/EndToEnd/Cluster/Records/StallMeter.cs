namespace Admission.EndToEnd.Cluster.Records;

/// <summary>
/// Notes when the machine itself stood still: a thread that wants to wake every 10 ms, and sees when it did not for a tenth of a second. What happens then is nobody's fault
/// but that of two cores, and of whatever else they are asked to do. The same for the tests' own thread pool, on which the load and the proxies run.
/// </summary>
internal sealed class StallMeter : IDisposable
{
    private const long Noticed = 100_000_000;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly List<Stretch> _stalls = [];
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private long _queued;
    private long _ran;

    public StallMeter()
    {
        _thread = new(Run) { IsBackground = true, Priority = ThreadPriority.AboveNormal };
        _thread.Start();
    }

    public IReadOnlyList<Stretch> Stalls
    {
        get
        {
            lock (_stalls)
            {
                return [.. _stalls];
            }
        }
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        for (var last = Clock.Now; !_stop.Wait(Tick);)
        {
            var now = Clock.Now;
            Note(last, now);
            last = now;
            if (Volatile.Read(ref _ran) == _queued)
            {
                _queued = now;
                ThreadPool.UnsafeQueueUserWorkItem(static meter => meter.HasRun(), this, preferLocal: false);
            }
        }
    }

    private void HasRun()
    {
        Note(_queued, Clock.Now);
        Volatile.Write(ref _ran, _queued);
    }

    private void Note(long from, long to)
    {
        if (to - from >= Noticed)
        {
            lock (_stalls)
            {
                _stalls.Add(new(from, to));
            }
        }
    }
}
