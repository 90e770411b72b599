using Admission.Frontend.Telemetry;
using Microsoft.Win32.SafeHandles;

namespace Admission.Frontend.Buffering;

/// <summary>What all buffers of this process share: how much memory and disk they may take together, and the folder for their files.</summary>
internal sealed partial class Buffers
{
    private readonly BufferFolder _folder;
    private readonly ILogger<Buffers> _logger;
    private long _memoryLimit = 256L << 20;
    private long _diskLimit = 10L << 30;
    private long _memory;
    private long _disk;
    private long _spills;

    public Buffers(BufferFolder folder, ILogger<Buffers> logger, GatewayMetrics? metrics = null)
    {
        _folder = folder;
        _logger = logger;
        metrics?.Show(this);
    }

    /// <summary>Bytes of memory in use.</summary>
    public long Memory => Volatile.Read(ref _memory);

    /// <summary>Bytes of disk in use.</summary>
    public long Disk => Volatile.Read(ref _disk);

    /// <summary>Bytes of memory that may be in use.</summary>
    public long MemoryLimit => Volatile.Read(ref _memoryLimit);

    /// <summary>Bytes of disk that may be.</summary>
    public long DiskLimit => Volatile.Read(ref _diskLimit);

    /// <summary>Files that were opened, one for each body of which a part went to disk.</summary>
    public long Spills => Volatile.Read(ref _spills);

    public void Configure(long memory, long disk)
    {
        Volatile.Write(ref _memoryLimit, memory);
        Volatile.Write(ref _diskLimit, disk);
    }

    public bool TryTakeMemory(long bytes) => TryTake(ref _memory, ref _memoryLimit, bytes);

    public bool TryTakeDisk(long bytes) => TryTake(ref _disk, ref _diskLimit, bytes);

    public void ReturnMemory(long bytes) => Interlocked.Add(ref _memory, -bytes);

    public void ReturnDisk(long bytes) => Interlocked.Add(ref _disk, -bytes);

    /// <summary>Opens a file that is gone when it is closed, or when the process dies; null when the disk says no.</summary>
    public SafeFileHandle? TryOpenFile()
    {
        try
        {
            Directory.CreateDirectory(_folder.Path);
            var path = Path.Combine(_folder.Path, $"{Guid.NewGuid():N}.buffer");
            var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.DeleteOnClose);
            if (!OperatingSystem.IsWindows())
            {
                // Unlinked at once: even a killed process leaves nothing behind.
                File.Delete(path);
            }

            Interlocked.Increment(ref _spills);
            return handle;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNoFile(exception, _folder.Path);
            return null;
        }
    }

    /// <summary>Says that a file could not be written.</summary>
    public void ReportWriteFailure(IOException exception) => LogNoFile(exception, _folder.Path);

    private static bool TryTake(ref long taken, ref long limit, long bytes)
    {
        if (Interlocked.Add(ref taken, bytes) <= Volatile.Read(ref limit))
        {
            return true;
        }

        Interlocked.Add(ref taken, -bytes);
        return false;
    }

    [LoggerMessage(2020, LogLevel.Error, "Bodies cannot be buffered on disk in {Folder}: make room or make it writable. Larger request bodies are refused until then.")]
    private partial void LogNoFile(Exception exception, string folder);
}
