using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Orleans.Runtime;

namespace Orleans.Fallback.AdoNet;

/// <summary>The columns by which <c>OrleansStorage</c> knows a state: numbers for integer and GUID keys, a text for others, and hashes of both and of the state's name.</summary>
/// <remarks>
/// <para>Orleans' provider reads any key that looks like a hexadecimal number or a GUID as one, so "a" and "A", or "1" and "01", are one row to it.
/// Here only a key that is written as Orleans writes numbers and GUIDs is one, so different keys are different rows.</para>
/// <para>The type of the grain is not part of the key, here as there: two grain classes need different state names.</para>
/// </remarks>
internal sealed record StorageKey(long N0, long N1, string? Extension, string StateName, string ServiceId)
{
    // Behind a text, Orleans hashes the number 0.
    private const int NumberLength = sizeof(long);

    public static StorageKey Of(GrainId grain, string stateName, string serviceId)
    {
        var key = grain.Key.ToString();
        if (Guid.TryParseExact(key, "N", out var guid) && guid.ToString("N") == key)
        {
            Span<byte> bytes = stackalloc byte[16];
            _ = guid.TryWriteBytes(bytes);
            var (n0, n1) = (BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[NumberLength..]));

            // One that begins with zeros would be a number's row.
            return n0 != 0 ? new(n0, n1, null, stateName, serviceId) : new(0, 0, key, stateName, serviceId);
        }

        return long.TryParse(key, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            && number.ToString("X", CultureInfo.InvariantCulture) == key
            ? new(0, number, null, stateName, serviceId)
            : new(0, 0, key, stateName, serviceId);
    }

    /// <summary>Adds the parameters that every statement on storage has.</summary>
    public void Bind(NpgsqlParameterCollection parameters)
    {
        _ = parameters.AddWithValue("GrainIdHash", JenkinsHash.Compute(IdBytes()));
        _ = parameters.AddWithValue("GrainIdN0", N0);
        _ = parameters.AddWithValue("GrainIdN1", N1);
        _ = parameters.AddWithValue("GrainTypeHash", JenkinsHash.Compute(Encoding.UTF8.GetBytes(StateName)));
        _ = parameters.AddWithValue("GrainTypeString", StateName);
        _ = parameters.AddWithValue("GrainIdExtensionString", NpgsqlDbType.Text, (object?)Extension ?? DBNull.Value);
        _ = parameters.AddWithValue("ServiceId", ServiceId);
    }

    private byte[] IdBytes()
    {
        byte[] bytes;
        if (Extension is not null)
        {
            bytes = Encoding.UTF8.GetBytes(Extension);
            Array.Reverse(bytes);
            return [.. bytes, .. new byte[NumberLength]];
        }

        bytes = N0 == 0 ? BitConverter.GetBytes(N1) : [.. BitConverter.GetBytes(N0), .. BitConverter.GetBytes(N1)];
        Array.Reverse(bytes);
        return bytes;
    }
}
