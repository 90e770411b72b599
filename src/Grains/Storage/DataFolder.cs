namespace Admission.Grains.Storage;

/// <summary>The folder with the state of the embedded default. A lock file keeps a second process out.</summary>
public sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>This opening of the folder, by a name that no other has.</summary>
    public string Owner { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Opens the folder for this process alone, and creates it if it is not there.</summary>
    /// <param name="path">The folder.</param>
    /// <returns>The folder; dispose it to let the next process in.</returns>
    /// <exception cref="DataFolderException">It cannot be written, or another process uses it.</exception>
    public static DataFolder Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(full);
            var lockFile = System.IO.Path.Combine(full, "lock");
            return new DataFolder(full, new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new DataFolderException($"The data folder '{full}' cannot be written: {exception.Message} Give another one with --data, or the right to write.", exception);
        }
        catch (IOException exception)
        {
            throw new DataFolderException($"The data folder '{full}' cannot be used: {exception.Message} Another gateway may be using it; give another one with --data.", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}

/// <summary>The data folder cannot be used.</summary>
public sealed class DataFolderException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, and what to do.</param>
    /// <param name="inner">The cause.</param>
    public DataFolderException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
