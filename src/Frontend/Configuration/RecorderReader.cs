using Admission.Frontend.Recording;
using Admission.Grains.Configuration;

namespace Admission.Frontend.Configuration;

/// <summary>Reads <c>Admission:Recorder</c>.</summary>
internal static class RecorderReader
{
    private const long DefaultMaxBytes = 64L << 20;
    private const long LeastMaxBytes = 4L << 10;
    private const long MostMaxBytes = 1L << 40;

    /// <summary>Reads the section; mistakes go to the reader's errors.</summary>
    /// <returns>Null for no recording.</returns>
    public static RecorderSettings? Read(SectionReader reader)
    {
        var file = reader.Text("File");
        var maxBytes = reader.Bytes("MaxBytes");
        var hashTenants = reader.Switch("HashTenants");
        var hashKey = reader.Text("HashKey");
        reader.RefuseTheRest();
        if (maxBytes is < LeastMaxBytes or > MostMaxBytes)
        {
            reader.Error("MaxBytes", $"{maxBytes} is not possible. Give a size from {ByteSizes.Format(LeastMaxBytes)} to {ByteSizes.Format(MostMaxBytes)}.");
        }

        if (hashKey is not null && hashTenants != true)
        {
            reader.Error("HashKey", "a key is given, but tenants are not hashed. Set HashTenants to true, or leave the key out.");
        }

        if (!string.IsNullOrWhiteSpace(file))
        {
            return new RecorderSettings(file, maxBytes ?? DefaultMaxBytes, hashTenants ?? false, hashKey);
        }

        if (file is not null || maxBytes is not null || hashTenants is not null || hashKey is not null)
        {
            reader.Error("File", "missing. Give the file that arrivals are recorded in, or leave the section out.");
        }

        return null;
    }
}
