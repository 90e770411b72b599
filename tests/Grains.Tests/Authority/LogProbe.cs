using Microsoft.Extensions.Logging;

namespace Admission.Grains.Tests.Authority;

/// <summary>Keeps what was logged.</summary>
internal sealed class LogProbe<T> : ILogger<T>
{
    public List<(int Id, string Message)> Entries { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Entries.Add((eventId.Id, formatter(state, exception)));
}
