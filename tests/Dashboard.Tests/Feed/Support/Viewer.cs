using System.Collections.Concurrent;

namespace Admission.Dashboard.Tests.Feed.Support;

/// <summary>Somebody who watches, and keeps what was told.</summary>
internal sealed class Viewer<T> : IDisposable
    where T : class
{
    private readonly ConcurrentQueue<T> _seen = new();
    private readonly IDisposable? _watch;
    private T? _last;

    public Viewer(Func<Action<T>, IDisposable?> watch) => _watch = watch(next =>
    {
        _seen.Enqueue(next);
        Volatile.Write(ref _last, next);
    });

    public bool IsIn => _watch is not null;

    public int Seen => _seen.Count;

    public T Last => Volatile.Read(ref _last) ?? throw new InvalidOperationException("Nothing was told yet.");

    public bool Saw(Func<T, bool> what) => _seen.Any(what);

    public void Dispose() => _watch?.Dispose();
}
