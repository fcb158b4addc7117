-- Creates the login of the single-patient plugin with the least rights that it needs.
-- Run it as an administrator on the server that holds SQLHK, after replacing the password.
-- For Windows authentication use  CREATE LOGIN [DOMAIN\account] FROM WINDOWS  instead.

USE [master];
CREATE LOGIN [sync_gui] WITH PASSWORD = N'replace me', CHECK_POLICY = ON;
GO

USE [SQLHK];
CREATE USER [sync_gui] FOR LOGIN [sync_gui];

GRANT SELECT ON dbo.Patient TO [sync_gui];
GRANT SELECT ON dbo.Untersuchung TO [sync_gui];
GRANT SELECT ON dbo.Untersuchungart TO [sync_gui];
GRANT SELECT ON dbo.Herzkatheter TO [sync_gui];
GRANT SELECT ON dbo.Untersucherabrechnung TO [sync_gui];

GRANT INSERT ON dbo.Patient TO [sync_gui];
GRANT INSERT ON dbo.Untersuchung TO [sync_gui];

-- Column by column: no right to touch what people fill in after the examination.
GRANT UPDATE ON dbo.Untersuchung (HerzkatheterID, UntersucherAbrechnungID) TO [sync_gui];
GRANT UPDATE ON dbo.Patient (M1Ziffer) TO [sync_gui];

-- No DELETE, no ALTER, no EXECUTE. sp_getapplock needs no right of its own.
GO
