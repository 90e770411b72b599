using Admission.Grains.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Admission.Frontend.Tests;

/// <summary>Scopes of the log cost memory on each connection, so they are kept only where somebody writes them.</summary>
public class ScopeDefaultsTests
{
    [Theory]
    [InlineData(null, null, false)]
    [InlineData("Logging:Console:FormatterOptions:IncludeScopes", "true", true)]
    [InlineData("Logging:Console:IncludeScopes", "True", true)]
    [InlineData("Logging:Console:FormatterOptions:IncludeScopes", "false", false)]
    [InlineData("Logging:CaptureScopes", "true", true)]
    public void Are_kept_where_they_are_written(string? key, string? value, bool kept)
    {
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(key is null ? [] : [new(key, value)]);
        ProcessDefaults.Add(configuration, () => "http://127.0.0.1:1");
        var seen = new ScopeCounter();
        using var services = new ServiceCollection().AddLogging(logging => logging.AddConfiguration(configuration.GetSection("Logging")).AddProvider(seen)).BuildServiceProvider();
        var logger = services.GetRequiredService<ILogger<ScopeDefaultsTests>>();
        using (logger.BeginScope("connection"))
        {
            seen.Count().ShouldBe(kept ? 1 : 0);
        }
    }

    private sealed class ScopeCounter : ILoggerProvider, ISupportExternalScope, ILogger
    {
        private IExternalScopeProvider? _scopes;

        public int Count()
        {
            var count = 0;
            _scopes?.ForEachScope<object?>((_, _) => count++, state: null);
            return count;
        }

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // Nobody reads it.
        }

        public void Dispose()
        {
            // It has nothing.
        }
    }
}
