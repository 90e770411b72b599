namespace Admission.EndToEnd.Harness;

/// <summary>What the tests need from Debian's packages. A test whose server is missing is skipped with the package's name.</summary>
internal static class Need
{
    private const string PythonPackages = "/usr/lib/python3/dist-packages";

    public static void Gunicorn()
    {
        The("gunicorn", "/usr/bin/gunicorn");
        The("python3-flask", PythonPackages + "/flask");
    }

    public static void Uvicorn()
    {
        The("uvicorn", "/usr/bin/uvicorn");
        The("python3-fastapi", PythonPackages + "/fastapi");
    }

    public static void Postgres() => Skip.IfNot(PostgresServer.IsInstalled, "Needs PostgreSQL: apt-get install postgresql, or ./test as root.");

    /// <summary>Whether what <see cref="MariaDb"/> asks for is there: fixtures start nothing where it is not.</summary>
    public static bool HasMariaDb =>
        File.Exists("/usr/sbin/mariadbd") && File.Exists("/usr/bin/mariadb") && Directory.Exists(PythonPackages + "/pymysql") && File.Exists("/usr/bin/gunicorn");

    public static void MariaDb()
    {
        The("mariadb-server-core", "/usr/sbin/mariadbd");
        The("mariadb-client-core", "/usr/bin/mariadb");
        The("python3-pymysql", PythonPackages + "/pymysql");
    }

    public static void PostgresInPython()
    {
        Postgres();
        The("python3-psycopg2", PythonPackages + "/psycopg2");
    }

    public static void Prometheus() => The("prometheus", "/usr/bin/prometheus");

    public static void Curl() => The("curl", "/usr/bin/curl");

    public static void HAProxy() => The("haproxy", "/usr/sbin/haproxy");

    private static void The(string package, string path) =>
        Skip.IfNot(Path.Exists(path), $"Needs {path} of the Debian package {package}: apt-get install {package}, or ./test as root.");
}
