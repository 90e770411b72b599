using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Admission.Grains.Tests.Cluster;

/// <summary>Keeps what is logged.</summary>
internal sealed class LogLines
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public string Text => string.Join('\n', Lines);

    public ILogger<T> For<T>() => new Logger<T>(this);

    private sealed class Logger<T>(LogLines log) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Lines.Enqueue(formatter(state, exception));
    }
}
