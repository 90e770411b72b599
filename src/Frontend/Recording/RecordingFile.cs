using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Admission.Trace;

namespace Admission.Frontend.Recording;

/// <summary>
/// An arrivals file that is being written: a bounded channel between the requests and the one loop that writes. A request never waits: when the channel is
/// full, its line is dropped and counted.
/// </summary>
internal sealed partial class RecordingFile : IAsyncDisposable
{
    /// <summary>Requests between the channel's ends.</summary>
    internal const int Waiting = 8_192;

    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(5);

    private readonly RecorderSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<Arrival> _channel = Channel.CreateBounded<Arrival>(new BoundedChannelOptions(Waiting) { SingleReader = true });
    private readonly long _started;
    private readonly DateTimeOffset _startedAt;
    private readonly byte[]? _key;
    private long _dropped;
    private long _written;
    private Task _writing = Task.CompletedTask;
    private volatile bool _isOpen = true;

    public RecordingFile(RecorderSettings settings, TimeProvider time, ILogger logger)
    {
        _settings = settings;
        _time = time;
        _logger = logger;
        _started = time.GetTimestamp();
        _startedAt = time.GetUtcNow();
        _key = !settings.HashTenants ? null : settings.HashKey is { } key ? Encoding.UTF8.GetBytes(key) : RandomNumberGenerator.GetBytes(32);
    }

    /// <summary>False once it is full, has failed or was closed.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>Requests that were not written because the file could not keep up.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>The time since the recording began.</summary>
    public TimeSpan Since(long timestamp) => _time.GetElapsedTime(_started, timestamp);

    /// <summary>Begins to write.</summary>
    public void Start() => _writing = Task.Run(WriteAsync);

    /// <summary>Takes a request; drops it if the file cannot keep up.</summary>
    public void Add(in Arrival arrival)
    {
        if (_isOpen && !_channel.Writer.TryWrite(arrival) && Interlocked.Increment(ref _dropped) == 1)
        {
            LogDropping(_settings.File);
        }
    }

    /// <summary>Ends the recording: what has come is written, within five seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        _isOpen = false;
        _channel.Writer.TryComplete();
        await ((Task)Task.WhenAny(_writing, Task.Delay(LongestEnd, _time))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WriteAsync()
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(_settings.File)) is { } folder)
            {
                Directory.CreateDirectory(folder);
            }

            var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 64 << 10 };
            if (!OperatingSystem.IsWindows())
            {
                // It tells who asked for what.
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            await using var stream = new FileStream(_settings.File, options);
            LogStarted(_settings.File, _settings.MaxBytes);
            var isFull = !await WriteLinesAsync(stream);
            await stream.FlushAsync();
            if (isFull)
            {
                LogFull(_settings.File, _settings.MaxBytes, _written, Dropped);
            }
            else
            {
                LogEnded(_settings.File, _written, Dropped);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            LogFailed(failure, _settings.File, _written);
        }
        finally
        {
            _isOpen = false;
            _channel.Writer.TryComplete();
        }
    }

    /// <summary>Writes what comes until nothing comes any more; false when the next line would not fit.</summary>
    private async Task<bool> WriteLinesAsync(FileStream stream)
    {
        using var writer = new TraceWriter();
        var length = stream.Position;
        if (!await TryWriteAsync(writer.Header(_startedAt)))
        {
            return false;
        }

        while (await _channel.Reader.WaitToReadAsync())
        {
            while (_channel.Reader.TryRead(out var arrival))
            {
                if (!await TryWriteAsync(writer.Line(arrival with { Tenant = Name(arrival.Tenant) })))
                {
                    return false;
                }

                _written++;
            }

            // So that the file can be read while it grows.
            await stream.FlushAsync();
        }

        return true;

        async ValueTask<bool> TryWriteAsync(ReadOnlyMemory<byte> line)
        {
            if (length + line.Length > _settings.MaxBytes)
            {
                return false;
            }

            length += line.Length;
            await stream.WriteAsync(line);
            return true;
        }
    }

    private string? Name(string? tenant) =>
        tenant is null || _key is null ? tenant : Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(tenant)).AsSpan(0, 8));
}
