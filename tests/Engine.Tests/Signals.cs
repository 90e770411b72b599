using System.Collections.Concurrent;

namespace Admission.Engine.Tests;

/// <summary>What grains and tests tell each other without calls: named gates to open and wait for, and a log of what happened.</summary>
/// <remarks>A grain that waits for a gate stays in its turns: the continuation comes back to its scheduler.</remarks>
public sealed class Signals
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _log = new();

    public IReadOnlyList<string> Log => [.. _log];

    public void Open(string gate) => Gate(gate).TrySetResult();

    public Task WaitAsync(string gate, CancellationToken cancellation = default) => Gate(gate).Task.WaitAsync(Patience, cancellation);

    public void Note(string what)
    {
        _log.Enqueue(what);
        Open("noted:" + what);
    }

    public Task NotedAsync(string what) => WaitAsync("noted:" + what);

    private TaskCompletionSource Gate(string name) =>
        _gates.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
